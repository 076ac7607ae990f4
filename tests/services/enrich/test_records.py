"""The read model of the CRM: conformance of the table and its fake, and what the provider reads off it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest

import services.enrich.store as store
from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import RecordChanged
from libs.contracts.lead import Identity
from libs.runtime.state import bind
from services.enrich.connectors.record_base import RecordBase, Records
from services.enrich.domain.findings import Finding
from services.enrich.domain.record_facts import ACTIVITY_FIELDS
from services.enrich.stage.records import RecordSink, decide, records_stage
from tests.services.enrich.makers import NOW, POLICY, MemoryRecords, a_lead

MIGRATIONS = Path(store.__file__).parent / "migrations"
CONTACT, COMPANY, DEAL = (
    RecordRef(type="contact", id="c1"),
    RecordRef(type="company", id="o1"),
    RecordRef(type="opportunity", id="d1"),
)


class Both(Records, RecordSink, Protocol):
    """Written by the stage, read by the provider."""


Transaction = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def no_transaction() -> AsyncIterator[None]:
    yield


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, min_size=1, max_size=3) as pool:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            await pool.execute(file.read_text())
        yield pool


@pytest.fixture(params=["memory", "postgres"])
def held(request: pytest.FixtureRequest) -> tuple[Both, Transaction]:
    if request.param == "memory":
        return MemoryRecords(), no_transaction
    pool = request.getfixturevalue("pool")

    @asynccontextmanager
    async def transaction() -> AsyncIterator[None]:
        async with pool.acquire() as connection, connection.transaction():
            with bind(connection):
                yield

    return store.RecordTable(pool), transaction


def changed(ref: RecordRef, version: int, fields: dict[str, Any] | None) -> RecordChanged:
    return RecordChanged(
        event_id=f"{ref.id}-{version}", record=ref, version=version, fields=fields, actor=Actor(kind="rule", id="crm")
    )


async def saved(held: tuple[Both, Transaction], *changes: RecordChanged) -> None:
    records, transaction = held
    stage = records_stage(records)
    assert stage.save is not None
    async with transaction():
        await stage.save([stage.decide(change, None, NOW) for change in changes])


async def test_the_newest_version_counts_in_any_order(held: tuple[Both, Transaction]) -> None:
    await saved(held, changed(CONTACT, 2, {"owner": "bo"}), changed(CONTACT, 1, {"owner": "ann"}))
    await saved(held, changed(CONTACT, 1, {"owner": "ann"}))
    assert (await held[0].known([CONTACT])).fields(CONTACT) == {"owner": "bo"}
    await saved(held, changed(CONTACT, 3, None))
    assert (await held[0].known([CONTACT])).fields(CONTACT) == {}


async def test_opportunities_are_found_by_company_and_contact(held: tuple[Both, Transaction]) -> None:
    other = RecordRef(type="opportunity", id="d2")
    await saved(
        held,
        changed(DEAL, 1, {"company_id": "o1", "contact_id": "c1", "stage": "proposal", "name": "Pilot"}),
        changed(other, 1, {"company_id": "o1", "stage": "closed won"}),
        changed(RecordRef(type="opportunity", id="d3"), 1, {"company_id": "o9", "stage": "proposal"}),
    )
    known = await held[0].known([CONTACT, COMPANY])
    assert [deal["name"] for deal in known.open_opportunities(COMPANY, CONTACT)] == ["Pilot"]
    assert (await held[0].known([])).open_opportunities(COMPANY) == []


async def test_other_kinds_of_records_are_not_kept(held: tuple[Both, Transaction]) -> None:
    member = RecordRef(type="member", id="m1")
    await saved(held, changed(member, 1, {"name": "Bo"}))
    assert decide(changed(member, 1, {}), None, NOW).state is None
    assert (await held[0].known([member])).fields(member) == {}


def of(findings: list[Finding] | Any) -> dict[str, tuple[str, Any]]:
    return {finding.field: (finding.outcome, finding.value) for finding in findings}


async def test_the_provider_tells_what_the_crm_holds() -> None:
    records = MemoryRecords()
    at = NOW.isoformat()
    await records.save(
        [
            changed(CONTACT, 1, {"last_activity_at": at, "owner": "ann"}),
            changed(COMPANY, 1, {"customer_status": "customer", "owner": "bo"}),
            changed(DEAL, 1, {"company_id": "o1", "stage": "proposal", "name": "Pilot"}),
        ]
    )
    identity = Identity(verdict="duplicate", rule="email", contact=CONTACT, contact_is_new=False, company=COMPANY)
    provider = RecordBase(records)
    inputs = provider.inputs(a_lead(identity=identity), POLICY)
    [findings] = await provider.answer([inputs])
    assert of(findings) == {
        "customer_status": ("found", "customer"),
        "owner": ("found", "bo"),
        "open_opportunities": ("found", 1),
        "owner_note": ("nothing", None),
        "previous_interactions": ("found", at),
        "last_activity_at": ("found", at),
        "last_activity_kind": ("nothing", None),
    }
    assert all(one.evidence[0].where.startswith("record:") for one in findings if one.outcome == "found")


async def test_what_the_lead_itself_left_on_the_timeline_is_no_earlier_activity() -> None:
    records = MemoryRecords()
    lead = a_lead(identity=Identity(verdict="duplicate", rule="email", contact=CONTACT, contact_is_new=False))
    provider = RecordBase(records)
    question = provider.inputs(lead, POLICY)
    entry = {"lead_id": "another", "kind": "webinar", "at": NOW.isoformat()}
    for version, (told, outcome) in enumerate(((entry, "found"), ({**entry, "lead_id": lead.lead_id}, "nothing"))):
        await records.save([changed(CONTACT, version + 1, {"activity": told, "last_activity_at": NOW.isoformat()})])
        [findings] = await provider.answer([question])
        assert {of(findings)[field][0] for field in ACTIVITY_FIELDS} == {outcome}


async def test_an_unknown_contact_is_explicitly_nothing() -> None:
    provider = RecordBase(MemoryRecords())
    known = Identity(verdict="duplicate", rule="email", contact=CONTACT, contact_is_new=False)
    [findings] = await provider.answer([provider.inputs(a_lead(identity=known), POLICY)])
    assert {outcome for outcome, _ in of(findings).values()} == {"nothing"}
    assert provider.inputs(a_lead(), POLICY) == {}, "a contact that this lead made is not looked up"
