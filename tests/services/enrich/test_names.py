"""First and last names: over the labelled corpus, what is no person's name, and the mailbox as a weaker witness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.connectors.person_name import PersonName
from services.enrich.domain.person_names import split_name
from tests.services.enrich.corpora import Row, is_tuned_on, rows, said, share_right


def fields(row: Row) -> dict[str, str]:
    return {field: row[field] for field in ("name", "email") if field in row}


@pytest.mark.parametrize("tuned_on", [True, False])
async def test_the_corpus_is_read_as_labelled(tuned_on: bool) -> None:
    half = [row for row in rows("names") if is_tuned_on(row) == tuned_on]
    assert len(half) > 70
    assert await share_right(PersonName(), half, fields, ("first", "last")) >= 0.97


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Acme Robotics Ltd.", "reads like a company or a department"),
        ("Hauptstraße 5", "reads like an address"),
        ("ann@acme.com", "an e-mail address stands there"),
        ("Anna & Peter Schmidt", "names two people"),
        ("I want a demo please", "reads like a sentence"),
        ("Madonna", "a single name is not split"),
        ("Test Test", "says nobody's name"),
        ("van der Berg", "reads like a family name alone"),
    ],
)
async def test_what_is_no_full_name_says_why(name: str, reason: str) -> None:
    answers = await said(PersonName(), {"name": name})
    assert {finding.reason for finding in answers.values()} == {reason}


async def test_the_mailbox_is_a_weaker_witness_than_the_name() -> None:
    by_name = await said(PersonName(), {"name": "Jane Doe", "email": "max.kern@corp.com"})
    by_mailbox = await said(PersonName(), {"email": "jane.doe@corp.com"})
    assert by_name["last_name"].value == by_mailbox["last_name"].value == "Doe"
    assert by_mailbox["last_name"].confidence < by_name["last_name"].confidence
    assert by_mailbox["last_name"].evidence[0].where == "lead.email"


async def test_a_single_name_that_the_mailbox_does_not_repeat_stays_alone() -> None:
    answers = await said(PersonName(), {"name": "Karl", "email": "ann.lee@corp.com"})
    assert all(finding.value is None for finding in answers.values())


@pytest.mark.parametrize(("name", "last"), [("Maria Sa", "Sa"), ("Ana Sales", "Sales"), ("Northwind SA", None)])
async def test_short_words_of_companies_are_family_names_too(name: str, last: str | None) -> None:
    assert (await said(PersonName(), {"name": name}))["last_name"].value == last


WORD = st.sampled_from(
    ["Ann", "LEE", "van", "der", "de", "Dr.", "Prof.", "Jr.", "MBA", "O'Neil", "García", "López", "Иванов", "山田", "김민수", ",",
     "&", "GmbH", "(Bob)", "al-Farsi", "J.", "Иванович", "・"]
)  # fmt: skip
NAMES = st.lists(WORD | st.text(max_size=6), max_size=6).map(" ".join)


@given(NAMES)
def test_parts_stand_in_the_name_as_written(name: str) -> None:
    split = split_name(name)
    told = [part for part in (split.first, split.last) if part]
    assert bool(told) != bool(split.why_not)
    assert all(part == part.strip() and all(word in name for word in part.split()) for part in told)
    assert (0 < split.confidence <= 1) == bool(told)
