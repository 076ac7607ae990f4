"""The stages beside remotes: what becomes an effect, for which remote, and commands that can't be read."""

from typing import Any

import pytest

from libs.contracts.change import RecordRef
from libs.contracts.events import Command, CrmWrite
from libs.contracts.outcome import Outcome
from libs.runtime.batches import Done, Due
from libs.runtime.errors import Rejected
from services.crm.domain.remote_commands import MirrorOf
from services.crm.stage.commands import commands_stage
from services.crm.stage.remote import mirrored
from services.crm.stage.writes import writes_stage
from tests.services.crm.connectors.memory import MemoryLinks
from tests.services.crm.connectors.rig import Rig, far
from tests.services.crm.world import ANA, CONTACT, Crm, Versions, change, write

HUBSPOT = MirrorOf("hubspot", "hubspot", {"contact": frozenset({"email", "title"})})
OTHER = MirrorOf("sales", "salesforce", {"contact": frozenset({"email", "city"}), "company": frozenset({"name"})})


@pytest.fixture
def crm() -> Crm:
    """A crm with two remotes."""
    made = Crm()
    links, versions = MemoryLinks(made.store), Versions()
    made._stages[CrmWrite] = mirrored(writes_stage(made.store, versions), links, lambda: [HUBSPOT, OTHER])
    made._stages[Command] = mirrored(commands_stage(made.store, versions), links, lambda: [HUBSPOT, OTHER])
    return made


def sent(outcome: Outcome[Any]) -> list[tuple[str, str, list[str]]]:
    """Each effect's name, remote and fields."""
    found = []
    for effect in outcome.effects:
        told: Any = effect.arguments
        found.append((effect.name, told["connector"], sorted(one["field"] for one in told["fields"])))
    return found


def create(number: int, source: str = "", name: str = "create", **fields: Any) -> Command:
    told = {"type": "contact", "records": [{"id": "c1", "fields": fields}], **({"source": source} if source else {})}
    return Command(event_id=f"c{number}", command_id=f"c{number}", name=name, key="c1", actor=ANA, arguments=told)


async def test_each_remote_gets_the_fields_that_it_mirrors(crm: Crm) -> None:
    outcome = await crm.take(create(1, email="a@b.co", title="CTO", city="Bonn", note="x"))
    assert sent(outcome) == [
        ("mirror.hubspot", "hubspot", ["email", "title"]),
        ("mirror.salesforce", "sales", ["city", "email"]),
    ]
    assert {effect.key for effect in outcome.effects} == {"c1"}


async def test_what_came_from_a_remote_goes_to_the_others_only(crm: Crm) -> None:
    assert sent(await crm.take(create(1, "hubspot", "import", email="a@b.co", title="CTO"))) == [
        ("mirror.salesforce", "sales", ["email"])
    ]
    found = {"connector": "sales", "type": "contact", "id": "c1", "remote_id": "7"}
    told = {**found, "fields": [{"field": "title", "value": "CEO", "theirs": "CEO", "by": "u1"}]}
    outcome = await crm.take(Command(event_id="f1", name="remote_changed", key="c1", actor=ANA, arguments=told))
    assert sent(outcome) == []  # without a common past neither replaces the other
    assert [one.status for one in outcome.settled] == ["conflict"]


async def test_what_was_not_applied_goes_nowhere(crm: Crm) -> None:
    outcome = await crm.take(write(1, change("name", "Acme", confidence=0.1)))
    assert [one.status for one in outcome.settled] != ["applied"]
    assert sent(outcome) == []


async def test_a_batch_of_commands_equals_batches_of_one(crm: Crm) -> None:
    told = {"connector": "hubspot", "type": "contact", "id": "hubspot.9", "remote_id": "9"}
    commands = [
        Command(
            event_id=f"f{n}", name="remote_changed", key="hubspot.9", actor=ANA,
            arguments={**told, "fields": [{"field": "title", "value": value, "theirs": value, "by": "u", "seq": seq}]},
        )
        for n, (value, seq) in enumerate([("CTO", 0), ("late", 0), ("CEO", 1)])
    ]  # fmt: skip
    await crm.batch(commands)
    record = crm.record(RecordRef(type="contact", id="hubspot.9"))
    assert (record.value("title"), record.version) == ("CEO", 2)


@pytest.mark.parametrize("arguments", [None, {}, {"connector": "h"}, {"result": {"x": 1}, "error": None}, "text"])
async def test_a_finding_that_can_not_be_read_is_refused(crm: Crm, arguments: Any) -> None:
    with pytest.raises(Rejected):
        await crm.take(Command(event_id="f1", name="remote_changed", key="c1", actor=ANA, arguments=arguments))


async def test_an_effect_that_was_given_up_is_told_and_changes_nothing(crm: Crm) -> None:
    told = {"result": None, "error": "given up after 12 attempts: KeyError"}
    outcome = await crm.take(Command(event_id="f1", name="remote_changed", key="c1", actor=ANA, arguments=told))
    assert outcome.answer == {"status": "failed", "error": told["error"]}
    assert (outcome.settled, outcome.next) == ((), None)


async def test_a_remote_that_is_no_longer_connected_is_left_out() -> None:
    rig = Rig(far("webhook"))
    told = {"connector": "gone", "type": "contact", "id": CONTACT.id, "version": 1, "fields": []}
    results = await rig.mirror.run([Due("e1", "k", told, 1), Due("e2", "k", {"what": 1}, 1)])
    assert isinstance(results[0], Done)
    assert isinstance(results[1], Rejected)
