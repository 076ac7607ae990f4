"""A plan from the topic alone is the plan from the database, byte for byte, whatever lies on the topic."""

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.contracts.change import Actor, Effect, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.codec import Headers
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.keys import NoKeys
from services.audit.domain.replayed import replayed_moves
from services.audit.domain.rollback import plan
from services.audit.domain.selection import Selection, SelectionTooLarge
from services.audit.sink import change_writer
from services.audit.store.selected import selected_moves
from tests.services.audit.conftest import batch, owner, pool  # noqa: F401 - fixtures
from tests.services.audit.made import ALICE, at, change, change_record, raw_record

PARTITIONS = 2
SELECTIONS: tuple[dict[str, Any], ...] = (
    {"workflow": "enrich"}, {"workflow": "enrich", "workflow_version": "2"}, {"workflow": "classify", "fields": ["city"]},
    {"policy_version": "p2"}, {"model_version": "m1"}, {"source_name": "apollo"}, {"source_kind": "provider"},
    {"actor_kind": "human"}, {"actor_id": "alice", "fields": ["industry"]}, {"lead_id": "lead-1"},
    {"records": [{"type": "company", "id": "c1"}]}, {"since": at(50).isoformat(), "until": at(90).isoformat()},
    {"workflow": "enrich", "since": at(80).isoformat()}, {"workflow": "crm.writes"}, {"fields": ["industry", "name"]},
    {"change_ids": [f"change-{number}" for number in range(3, 90, 3)]}, {"rollback_id": "r1"}, {"workflow": "nobody"},
)  # fmt: skip


def some_change(rng: random.Random, number: int) -> FieldChange:
    """A change of few records, fields and leads, so that they meet; some make whole records, some report of others."""
    record = RecordRef(type=rng.choice(["company", "contact", "lead"]), id=rng.choice(["c1", "c2", "c3"]))
    stage = rng.choice(["enrich", "classify", "crm.writes", "audit.commands"])
    person = rng.random() < 0.15
    whole = rng.random() < 0.1
    value: Any = rng.choice(["Robots", "Toys", None, 7])
    return change(
        number, record=record, field="*" if whole else rng.choice(["industry", "city", "name"]),
        old=rng.choice([None, "Robots"]), new={"industry": "Robots", "name": "Acme"} if whole else value,
        workflow=Workflow(name=stage, version=rng.choice(["1", "2"])), policy_version=rng.choice(["p1", "p2"]),
        model_version=rng.choice([None, "m1"]), lead_id=rng.choice([None, "lead-1", "lead-2"]), at=at(number),
        actor=ALICE if person else Actor(kind="rule", id=rng.choice(["enrich:1", "classify"])),
        source=Source(kind="human", name="alice") if person else rng.choice([
            Source(kind="provider", name="apollo"), Source(kind="model", name="m"), Source(kind="rollback", name="r1"),
        ]),
        status=rng.choice([Status.APPLIED, Status.APPLIED, Status.QUEUED, Status.CONFLICT]),
        effect=rng.choice(list(Effect)), evidence=(),
        reverts=rng.choice([None, None, None, f"change-{max(1, number - 3)}"]),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
async def test_the_same_plan_byte_for_byte(pool: Any, seed: int) -> None:  # noqa: F811
    rng, records = random.Random(seed), []
    offsets = [0] * PARTITIONS
    for number in range(1, 160):
        made = some_change(rng, number)
        partition = hash_of(made) % PARTITIONS
        for _ in range(2 if rng.random() < 0.1 else 1):  # some came twice
            records.append(change_record(offsets[partition], made, partition))
            offsets[partition] += rng.choice([1, 1, 2])  # transactions leave gaps
        if rng.random() < 0.05:
            records.append(raw_record(AUDIT_CHANGE.name, offsets[partition], b"{", partition=partition))
            offsets[partition] += 1
    async with batch(pool) as connection:
        for partition in range(PARTITIONS):
            held = [one for one in records if one.partition == partition]
            await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, partition, held)
    rng.shuffle(order := list(range(PARTITIONS)))

    async def read() -> AsyncIterator[tuple[int, int, bytes | None, Headers]]:
        for partition in order:
            for one in records:
                if one.partition == partition:
                    yield one.partition, one.offset, one.value, one.headers

    for given in SELECTIONS:
        selection = Selection.model_validate(given)
        stored = plan(await selected_moves(pool, selection, 10_000, NoKeys()), selection)
        replayed = plan(await replayed_moves(read, selection, 10_000), selection)
        assert json.dumps(stored.model_dump(mode="json")) == json.dumps(replayed.model_dump(mode="json")), given
        assert stored.items or given == {"workflow": "nobody"}, f"{given} tries nothing"


async def test_too_much_is_refused() -> None:
    async def read() -> AsyncIterator[tuple[int, int, bytes | None, Headers]]:
        for number in range(5):
            one = change_record(number, change(number, field=f"f{number}"))
            yield 0, number, one.value, one.headers

    with pytest.raises(SelectionTooLarge):
        await replayed_moves(read, Selection(workflow="enrich"), 4)


def hash_of(made: FieldChange) -> int:
    """A record's changes are of one partition, as its key says."""
    return sum(made.record.key.encode())
