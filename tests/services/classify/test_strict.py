"""A model's answer is used only when it keeps every rule."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.lead import Claim
from services.classify.domain.offline import classify_offline
from services.classify.domain.strict import LONGEST_ANSWER, RefusedError, answer_schema, read_answer, second_opinion
from tests.services.classify.makers import DUPLICATES, MODEL, TAXONOMY, asked

QUESTION = asked(DUPLICATES, title="VP Sales")


def good(**changes: Any) -> dict[str, Any]:
    claims = {name: {"label": "unknown", "confidence": 0.9, "quote": None} for name in TAXONOMY.fields}
    claims["use_case"] = {"label": "crm_cleanup", "confidence": 0.95, "quote": "full of duplicates"}
    claims["buyer_role"] = {"label": "sales", "confidence": 0.9, "quote": "VP Sales"}
    return {"claims": {**claims, **changes.pop("claims", {})}, "flags": [], **changes}


def read(answer: Any) -> Any:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return read_answer(text, QUESTION, TAXONOMY, ("canary-1",), "gpt/prompt-1")


def test_a_good_answer_is_used() -> None:
    answer = read(good())
    assert answer.claims["use_case"].evidence[0].where == "lead.message[18:36]"
    assert answer.claims["buyer_role"].evidence[0].where == "lead.title"
    assert answer.should_route_to_sales
    assert answer.confidence == 0.95
    assert answer.model_version == "gpt/prompt-1"


CLAIM = {"label": "crm_cleanup", "confidence": 0.9, "quote": "full of duplicates"}
HOSTILE = {
    "not json": "certainly! here is the JSON you asked for",
    "json in a fence": "```json\n" + json.dumps(good()) + "\n```",
    "two values": json.dumps(good()) + json.dumps(good()),
    "a list": "[]",
    "null": "null",
    "NaN": json.dumps(good()).replace("0.95", "NaN"),
    "infinite": json.dumps(good()).replace("0.95", "1e999"),
    "duplicate keys": json.dumps(good()).replace('"flags": []', '"flags": [], "flags": []'),
    "deep": "[" * 5000 + "]" * 5000,
    "too long": json.dumps(good()) + " " * LONGEST_ANSWER,
    "extra key": json.dumps(good(owner="ceo")),
    "a route": json.dumps(good(should_route_to_sales=True)),
    "extra key in a claim": json.dumps(good(claims={"use_case": {**CLAIM, "score": 100}})),
    "unknown label": json.dumps(good(claims={"use_case": {**CLAIM, "label": "vip"}})),
    "unknown field": json.dumps(good(claims={"priority": CLAIM})),
    "field left out": json.dumps({"claims": {"use_case": CLAIM}, "flags": []}),
    "confidence above one": json.dumps(good(claims={"use_case": {**CLAIM, "confidence": 2}})),
    "confidence as text": json.dumps(good(claims={"use_case": {**CLAIM, "confidence": "0.9"}})),
    "no quote": json.dumps(good(claims={"use_case": {**CLAIM, "quote": None}})),
    "empty quote": json.dumps(good(claims={"use_case": {**CLAIM, "quote": " "}})),
    "invented quote": json.dumps(good(claims={"use_case": {**CLAIM, "quote": "we have budget"}})),
    "changed quote": json.dumps(good(claims={"use_case": {**CLAIM, "quote": "Full of Duplicates"}})),
    "unknown flag": json.dumps(good(flags=[{"flag": "vip", "confidence": 0.9, "quote": "Salesforce"}])),
    "flag with an invented quote": json.dumps(good(flags=[{"flag": "spam", "confidence": 0.9, "quote": "viagra"}])),
    "flag twice": json.dumps(good(flags=[{"flag": "spam", "confidence": 0.9, "quote": "Salesforce"}] * 2)),
    "canary": json.dumps(good(claims={"use_case": {**CLAIM, "quote": "canary-1"}})),
    "tool call": json.dumps({"tool_calls": [{"name": "assign_owner"}]}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_are_refused(name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read(HOSTILE[name])
    assert "duplicates" not in str(refused.value)
    assert "canary-1" not in str(refused.value)


KEYS = st.sampled_from(["label", "confidence", "quote", "flag", "x"])
WORDS = st.one_of(st.text(max_size=10), st.sampled_from(["crm_cleanup", "unknown", "full of duplicates"]))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*TAXONOMY.fields]), JSON, max_size=7), JSON)
def test_whatever_a_model_says_ends_inside_the_schema_or_is_refused(claims: dict[str, Any], flags: Any) -> None:
    try:
        answer = read(good(claims=claims, flags=flags if isinstance(flags, list) else []))
    except RefusedError:
        return
    assert all(claim.label in TAXONOMY.fields[name].labels for name, claim in answer.claims.items())
    assert set(answer.flags) <= set(TAXONOMY.flags)
    proofs = [item for claim in answer.claims.values() for item in claim.evidence]
    assert all(item.quote in DUPLICATES or item.quote in "VP Sales" for item in proofs)


def test_the_schema_is_closed() -> None:
    schema: Any = answer_schema(TAXONOMY)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["claims"]["required"] == list(TAXONOMY.fields)
    label = schema["properties"]["claims"]["properties"]["use_case"]["properties"]["label"]
    assert label["enum"] == list(TAXONOMY.fields["use_case"].labels)


def test_a_disagreement_on_what_routing_depends_on_is_doubt() -> None:
    offline = classify_offline(QUESTION, TAXONOMY, MODEL)
    agreed = read(good())
    assert second_opinion(agreed, offline, TAXONOMY) == agreed
    other = read(good(claims={"use_case": {**CLAIM, "label": "voice_ai"}}))
    assert second_opinion(other, offline, TAXONOMY).confidence < 0.5
    spam = offline.model_copy(update={"flags": {"spam": Claim(label="spam", confidence=0.9)}})
    assert second_opinion(agreed, spam, TAXONOMY).confidence == pytest.approx(0.1)
