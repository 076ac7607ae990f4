"""A stage that may not do what it does is found before a policy is published."""

import pytest

from libs.contracts.proposed import PROPOSED
from libs.policy.analysis import analysed
from services.classify.domain.changes import CONTACT_FIELDS as CLASSIFY_CONTACT
from services.dedupe.domain.proposals import COMPANY_FIELDS as DEDUPE_COMPANY
from services.dedupe.domain.proposals import CONTACT_FIELDS as DEDUPE_CONTACT
from services.enrich.domain.waterfall import CONTACT_FIELDS as ENRICH_CONTACT
from services.intake.domain.vocabulary import NAMES
from tests.libs.policy.shipped import FILES, POLICY


def problems(old: str, new: str, **more: str) -> list[str]:
    assert old in FILES["workflows.yaml"]
    files = {**FILES, "workflows.yaml": FILES["workflows.yaml"].replace(old, new, 1), **more}
    return [str(one) for one in analysed(files).of("error")]


@pytest.mark.parametrize(
    ("stage", "kind", "fields"),
    [
        ("mapper", "lead", NAMES),
        ("dedupe", "contact", DEDUPE_CONTACT),
        ("dedupe", "company", DEDUPE_COMPANY.values()),
        ("enrich", "contact", ENRICH_CONTACT),
        ("classify", "contact", CLASSIFY_CONTACT),
    ],
)
def test_what_the_stages_lists_say_is_declared(stage: str, kind: str, fields: list[str]) -> None:
    assert set(fields) <= PROPOSED[stage][kind]  # type: ignore[index]


def without(stage: str, field: str) -> dict[str, str]:
    """fields.yaml with the stage no longer an updater of suggested_score."""
    lines = FILES["fields.yaml"].splitlines(keepends=True)
    changed = [line.replace(f"{stage}, ", "", 1) if line.lstrip().startswith(f"{field}:") else line for line in lines]
    assert changed != lines
    return {"fields.yaml": "".join(changed)}


def test_a_field_that_is_not_granted_is_named_at_the_grants_of_its_stage() -> None:
    found = problems(
        "        suggested_score, suggested_queue,", "        suggested_queue,", **without("score", "suggested_score")
    )
    text = FILES["workflows.yaml"]
    line = text[: text.index("    contact:", text.index("\nscore:"))].count("\n") + 1
    assert found == [
        f"workflows.yaml:{line}:5: score proposes contact.suggested_score, which is not granted: grant it, or list it"
        " under withheld"
    ]


def test_a_right_may_be_withheld_on_purpose() -> None:
    held = "      [\n        suggested_queue,"
    old = "      [\n        suggested_score, suggested_queue,"
    start = FILES["workflows.yaml"].index("\nscore:\n")
    text = FILES["workflows.yaml"][start:].replace(old, held, 1)
    text = text.replace("  threshold:", "  withheld: {contact: [suggested_score]}\n  threshold:", 1)
    files = {**FILES, "workflows.yaml": FILES["workflows.yaml"][:start] + text}
    assert analysed(files).problems == ()


def test_withholding_what_is_granted_or_unknown_is_an_error() -> None:
    both = problems("  threshold: 0.6", "  withheld: {contact: [email]}\n  threshold: 0.6")
    assert ["contact.email is granted and withheld" in one for one in both] == [True]
    unknown = problems("  threshold: 0.6", "  withheld: {contact: [emial]}\n  threshold: 0.6")
    assert ["did you mean email?" in one for one in unknown] == [True]


def test_every_declared_stage_has_a_contract() -> None:
    assert set(PROPOSED) <= set(POLICY.workflows)
