"""Whatever happens in whatever order, no value that a person wrote in a remote is lost unseen, and both sides agree at last."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from libs.contracts.change import FieldChange, Status
from libs.policy.admit import same_value
from libs.runtime.batches import Due
from tests.services.crm.connectors.rig import Rig, far
from tests.services.crm.world import CONTACT, revert

FIELDS = ("title", "city")
fields = st.sampled_from(FIELDS)
moments = st.integers(0, 11)
"""Of the hooks around the requests of one run: before and after each."""
actions = st.one_of(
    st.tuples(st.just("machine"), fields, st.integers(0, 3)),
    st.tuples(st.just("machine"), fields, st.integers(0, 3)),
    st.tuples(st.just("edit"), fields, st.integers(0, 3)),
    st.tuples(st.just("person"), fields, st.just(0)),
    st.tuples(st.just("run"), st.lists(st.tuples(moments, fields), max_size=3), st.integers(0, 3)),
    st.tuples(st.just("run"), st.lists(st.tuples(moments, fields), min_size=1, max_size=4), st.just(0)),
    st.tuples(st.just("again"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("lose"), st.just(0), st.just(0)),
    st.tuples(st.just("poll"), st.lists(st.tuples(moments, fields), max_size=2), st.integers(0, 1)),
    st.tuples(st.just("take"), st.just(0), st.just(0)),
    st.tuples(st.just("rollback"), st.integers(0, 9), st.just(0)),
)


@dataclass
class Story:
    """One run of the whole, and what people wrote in it."""

    rig: Rig
    wrote: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    all_dues: list[Due] = field(default_factory=list)

    def person(self, name: str) -> None:
        """A value that nobody else writes."""
        if remote_id := self.rig.remote_id():
            value = f"P{sum(map(len, self.wrote.values()))}"
            self.wrote[name].append(value)
            self.rig.remote.person(remote_id, **{name: value})

    def meanwhile(self, doings: Sequence[tuple[int, str]]) -> None:
        """Let people in at these moments of the requests to come."""
        passed = iter(range(10_000))

        def between() -> None:
            now = next(passed)
            for moment, name in doings:
                if moment == now:
                    self.person(name)

        self.rig.remote.server.between = between

    async def act(self, what: str, first: Any, second: int) -> None:
        """One step."""
        rig = self.rig
        match what:
            case "machine":
                await rig.machine(**{first: f"M{second}"})
            case "edit":
                await rig.edit(CONTACT, **{first: f"E{second}"})
            case "person":
                self.person(first)
            case "run":
                self.meanwhile(first)
                await rig.run(lambda dues: dues[second % (len(dues) or 1) :])
            case "poll":
                self.meanwhile(first)
                await rig.poll(take=second == 0)
            case "take":
                await rig.take_commands()
            case "again" if self.all_dues:
                rig.dues.append(self.all_dues[first % len(self.all_dues)])
            case "lose":
                rig.remote.server.lose_answers = 1
            case "rollback":
                mine = [one for one in rig.applied() if one.source.name != rig.connector.name and one.field in FIELDS]
                if mine:
                    await rig.write(revert(mine[first % len(mine)]), rollback_id="rb")
        rig.remote.server.between = lambda: None
        self.all_dues += [due for due in rig.dues if due not in self.all_dues]
        rig.connector.http.breaker.worked()

    def check(self) -> None:
        """Nobody's value is lost, nothing is made up, and both sides hold the same."""
        rig, remote_id = self.rig, self.rig.remote_id()
        for name in FIELDS:
            there, here = rig.remote.value(remote_id, name), rig.record().value(name)
            assert same_value(there, here), f"{name}: {there} there and {here} here"
            came = [one for one in rig.applied(rig.connector.name) if one.field == name]
            assert {one.new for one in came} <= set(self.wrote[name])
            if self.wrote[name] and there != self.wrote[name][-1]:
                self._was_known(name, self.wrote[name][-1], there)

    def _was_known(self, name: str, last: str, there: Any) -> None:
        """A person's last value that no longer stands came in first, and somebody decided on another one after that."""
        applied = [one for one in self.rig.told if one.field == name and one.status is Status.APPLIED]
        at = [place for place, one in enumerate(applied) if one.new == last and _from(one, self.rig)]
        assert at, f"{name}: {last} was overwritten unseen by {there}"
        assert any(same_value(one.new, there) for one in applied[at[-1] + 1 :])


def _from(change: FieldChange, rig: Rig) -> bool:
    return change.source.name == rig.connector.name


PUT_BACK_UNANSWERED: list[tuple[str, Any, int]] = [
    ("machine", "city", 0),
    ("lose", 0, 0),
    ("run", [(1, "city")], 0),
    ("lose", 0, 0),
    ("run", [], 0),
]
"""The answer to our write is lost, and that to the put back of what a person wrote just before it."""
TOLD_TWICE_AT_ONCE: list[tuple[str, Any, int]] = [("person", "title", 0), ("poll", [(1, "title")], 1), ("poll", [], 0)]
"""Two polls find something before crm took in what the first found."""
PUT_BACK_UNTOLD: list[tuple[str, Any, int]] = [
    ("person", "title", 0),
    ("machine", "title", 1),
    ("run", [], 0),
    ("machine", "title", 1),
    ("again", 0, 0),
    ("run", [(1, "title")], 0),
]
"""An effect tells something, runs again, puts another value back, and what it tells now is taken for the same."""


@pytest.mark.parametrize("name", ["hubspot", "salesforce", "webhook"])
@example(PUT_BACK_UNANSWERED, 3.0)
@example(TOLD_TWICE_AT_ONCE, 3.0)
@example(PUT_BACK_UNTOLD, 3.0)
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(actions, min_size=3, max_size=14), st.sampled_from((3.0, 0.4)))
def test_nobodys_value_is_lost(name: str, steps: list[tuple[str, Any, int]], step: float) -> None:
    async def run() -> None:
        story = Story(Rig(far(name)))
        server: Any = story.rig.remote.server
        server.step = timedelta(seconds=step)
        await story.rig.poll()
        await story.rig.machine(email="jane@acme.com", last_name="Doe", title="M0")
        await story.rig.run()
        story.all_dues += []
        for what, first, second in steps:
            await story.act(what, first, second)
        server.step, server.lose_answers = timedelta(seconds=3), 0
        await story.rig.take_commands()
        await story.rig.settle()
        story.check()
        await story.rig.connector.http.close()

    asyncio.run(run())
