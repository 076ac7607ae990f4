"""Companies that are not read since what is kept of them is nothing alike: the verdict is the same as if all were read."""

from dataclasses import replace
from random import Random

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.records import asked_name, companies
from libs.runtime.state import bind
from services.dedupe.domain.known import Known
from services.dedupe.domain.likeness import company_texts, worth_reading
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, Delta
from services.dedupe.domain.which_company import company_verdict
from services.dedupe.store import PostgresIndex
from tests.services.dedupe.fakes import OnePolicy
from tests.services.dedupe.test_index import MIGRATIONS

MATCHING = OnePolicy().newest().matching
WORDS = (
    "acme",
    "acmee",
    "alpha",
    "bau",
    "allgemeine",
    "münchen",
    "amb",
    "solutions",
    "smith",
    "and",
    "the",
    "north",
    "gmbh",
)
LETTERED = ("Allgemeine Bau München", "abm", "ABM Bau", "north alpha bau GmbH", "nab", "nabg", "NAB Acme")
NAMES = st.one_of(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), st.sampled_from(LETTERED))
DOMAINS = st.sampled_from(("", "acme.com", "acme.de", "amb.com", "alpha-bau.at", "north.io", "smith.com"))


def somebody(company: str, domain: str, number: int = 0) -> Person:
    return Person(
        lead_id=f"lead-{number}", contact_id="c", company_id="f", email=f"x@{domain}" if domain else "", kind=None,
        custom_id="", name="", phone="", company=company, country="", domain=domain, typed_domain="",
    )  # fmt: skip


@st.composite
def firms(draw: st.DrawFn) -> list[Company]:
    made = draw(st.lists(st.tuples(NAMES, DOMAINS, NAMES), min_size=1, max_size=12))
    return [
        Company(f"firm-{at}", name=name, version=1, fields={"domain": domain, "former_names": former})
        for at, (name, domain, former) in enumerate(made)
    ]


def known_of(found: list[Company], read: set[str]) -> Known:
    known = Known(companies={one.company_id: one for one in found if one.company_id in read})
    for company in found:
        for block in company.blocks():
            known.blocks.setdefault(block, set()).add(company.company_id)
    return known


@given(firms(), NAMES, DOMAINS)
def test_the_verdict_needs_no_company_that_is_not_worth_reading(found: list[Company], name: str, domain: str) -> None:
    person = somebody(name, domain)
    everything = known_of(found, {one.company_id for one in found})
    asked = person.wanted(review_at=MATCHING.company_name_review_at).companies
    texts = {one.company_id: company_texts(one) for one in found}
    read = worth_reading(asked, {block: everything.blocks.get(block, set()) for block in person.blocks()}, texts)
    assert company_verdict(person, known_of(found, read), MATCHING) == company_verdict(person, everything, MATCHING)


def test_unlike_companies_are_not_read_and_unknown_texts_are() -> None:
    near, far = Company("near", name="Zentrik Solutions"), Company("far", name="Zentrik Helvarion Umbrella")
    person = somebody("Zentrik Solution", "")
    asked = person.wanted(review_at=0.88).companies
    blocks = {block: {"near", "far"} for block in person.blocks()}
    texts = {one.company_id: company_texts(one) for one in (near, far)}
    assert worth_reading(asked, blocks, texts) == {"near"}
    assert worth_reading(asked, blocks, {**texts, "far": None}) == {"near", "far"}
    assert worth_reading((), blocks, texts) == {"near", "far"}
    assert worth_reading(asked, {block: {f"number:{n}" for n in range(65)} for block in blocks}, texts) == set()


@pytest.mark.parametrize("kept", [True, False])
async def test_postgres_reads_what_the_verdict_needs(database: str, kept: bool) -> None:
    """Also of a base that was written before texts were kept, and whose companies were saved again since."""
    made = list(companies(1_500, 5))
    index, random = PostgresIndex(), Random(6)
    connection = await asyncpg.connect(database)
    for file in sorted(MIGRATIONS.glob("*.sql")):
        await connection.execute(file.read_text())
    rows = [Company(one.id, name=one.name, version=1, fields={"domain": one.domain}) for one in made]
    async with connection.transaction():
        with bind(connection):
            await index.save([Delta(companies=(one,)) for one in rows])
            if not kept:
                await connection.execute("update company_number set names = null, letters = null, labels = null")
                await index.save([Delta(companies=(replace(one, version=2),)) for one in rows[::2]])
            for number, firm in enumerate(random.sample(made, 60)):
                person = somebody(asked_name(random, firm.name), "", number)
                everything = await index.known(person.wanted())
                read = await index.known(person.wanted(review_at=MATCHING.company_name_review_at))
                assert read.blocks == everything.blocks
                assert len(read.companies) <= len(everything.companies)
                assert company_verdict(person, read, MATCHING) == company_verdict(person, everything, MATCHING)
    await connection.close()
