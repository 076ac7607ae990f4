"""The taxonomy as policy data: what contradicts itself is told with its place, and what RevOps add is recognised."""

from typing import Any

import pytest
from pydantic import ValidationError

from libs.policy.load import load_policy, read_files
from libs.policy.qualification import unanswered
from libs.policy.taxonomy import Label, LabelledField, Taxonomy
from libs.policy.taxonomy_checks import taxonomy_contradictions
from tests.paths import ROOT

TAXONOMY = load_policy(read_files(ROOT / "policy")).taxonomy


def changed(**parts: Any) -> Taxonomy:
    return Taxonomy.model_validate({**TAXONOMY.model_dump(), **parts})


def test_the_shipped_taxonomy_agrees_with_itself() -> None:
    assert list(taxonomy_contradictions(TAXONOMY)) == []


@pytest.mark.parametrize(
    ("parts", "path", "message"),
    [
        (
            {"products": {"voice_ai": {"name": "Voice", "use_case": "voice_iq"}}},
            ("products", "voice_ai", "use_case"),
            "no such use case: voice_iq; did you mean voice_ai?",
        ),
        (
            {"products": {"voice": {"name": "Voice", "use_case": "voice_ai"}}},
            ("products", "voice"),
            "product_interest has no label voice; did you mean voice_ai?",
        ),
        (
            {
                "products": {"voice_ai": {"name": "Voice", "use_case": "voice_ai"}},
                "competitors": {"acme": {"name": "Acme", "aliases": ["VOICE"]}},
            },
            ("competitors", "acme", "aliases", 0),
            "'VOICE' is also a name of products.voice_ai",
        ),
        (
            {"competitors": {"a": {"name": "A1", "domains": ["x.com"]}, "b": {"name": "B1", "domains": ["x.com"]}}},
            ("competitors", "b", "domains", 0),
            "x.com is also a domain of a",
        ),
        ({"profile": {"industries": ["softwares"]}}, ("profile", "industries", 0), "no such industry: softwares"),
        (
            {"profile": {"near_employees": {"at_least": 60, "at_most": 400}}},
            ("profile", "near_employees"),
            "must hold the whole range",
        ),
        ({"profile": {"weak_below_employees": 30}}, ("profile", "weak_below_employees"), "no company would be weak"),
        (
            {"qualification": [{"name": "size", "ask": "?", "any_of": ["lead.employes"]}]},
            ("qualification", 0, "any_of", 0),
            "unknown fact lead.employes",
        ),
        ({"not_for_sales": ["spamm"]}, ("not_for_sales", 0), "no such flag: spamm; did you mean spam?"),
    ],
)
def test_a_contradiction_is_told_with_its_place(parts: dict[str, Any], path: tuple[Any, ...], message: str) -> None:
    assert any(where == path and message in told for _, where, told in taxonomy_contradictions(changed(**parts)))


def test_a_word_of_two_labels_is_told() -> None:
    fields = TAXONOMY.model_dump()["fields"]
    fields["use_case"]["labels"]["voice_ai"]["words"]["de"] = ("Ticket",)
    found = list(taxonomy_contradictions(changed(fields=fields)))
    path = ("fields", "use_case", "labels", "voice_ai", "words", "de", 0)
    assert found == [("taxonomy", path, "'Ticket' is also a word of support_automation")]


@pytest.mark.parametrize("word", ["", "a*", "ab*", "*ticket", "a|b", "(a)", "tick*t"])
def test_a_word_that_cannot_be_read_is_refused(word: str) -> None:
    with pytest.raises(ValidationError):
        Label(definition="x", words={"any": (word,)})


def test_a_plain_list_of_words_is_for_every_language() -> None:
    plain = Label.model_validate({"definition": "x", "words": ["contract*", "legal review"]})
    assert plain.words == {"any": ("contract*", "legal review")}
    assert plain.all_words == ("contract*", "legal review")


def test_labels_must_hold_unknown() -> None:
    with pytest.raises(ValidationError, match="unknown"):
        LabelledField(question="?", labels={"one": Label(definition="x")})


def test_questions_without_an_answer_are_listed() -> None:
    asked = TAXONOMY.qualification
    assert unanswered(asked, {}) == asked
    known = {"lead.urgency": "unknown", "lead.timeline": None, "lead.employees": 120, "lead.budget": "10k"}
    open_ones = [question.name for question in unanswered(asked, known)]
    assert open_ones == ["timeline", "use_case", "decision_maker"]
