"""Fetch's stage, folded over commands: one call per object, every end told, and a batch of n is n batches of one."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.events import Command, SubmissionReceived
from libs.contracts.fetch import NOT_FETCHED, FetchOrder
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from services.fetch.domain.wanted import Wanted
from services.fetch.stage import Facts, commands_stage, decide

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def order(number: int = 1, *, again: bool = False) -> FetchOrder:
    return FetchOrder(source="meta_lead_ads", provider="meta", object_id=str(number), trust="signed", again=again)


def asked(number: int = 1, *, again: bool = False) -> Command:
    wanted = order(number, again=again)
    return command("fetch", wanted.submission_id, wanted.model_dump(mode="json"))


def called(number: int = 1, outcome: str | None = None, error: str | None = None) -> Command:
    result: JsonValue = None if outcome is None else {"outcome": outcome, "reason": "deleted"}
    return command("called", order(number).submission_id, {"result": result, "error": error})


def command(name: str, key: str, arguments: JsonValue) -> Command:
    actor = Actor(kind="rule", id="mapper")
    return Command(event_id="c", command_id="c", target="fetch", name=name, key=key, actor=actor, arguments=arguments)


class Held:
    """Wanted objects in memory."""

    def __init__(self) -> None:
        self.by_key: dict[str, Wanted] = {}

    async def locked(self, keys: Sequence[str]) -> dict[str, Wanted]:
        return {key: self.by_key[key] for key in keys if key in self.by_key}

    async def save(self, moved: Any) -> None:
        self.by_key |= {one.key: one for one in moved}


async def fold(store: Held, batches: Sequence[Sequence[Command]]) -> list[Outcome[Any] | None]:
    """The outcome of every command; None for one that is refused."""
    stage = commands_stage(store)
    outcomes: list[Outcome[Any] | None] = []
    assert stage.advance is not None
    assert stage.save is not None
    for batch in batches:
        facts = await stage.gather(batch)
        done: list[Outcome[Any]] = []
        for one in batch:
            try:
                outcome = stage.decide(one, facts, NOW)
            except Rejected:
                outcomes.append(None)
                continue
            facts = stage.advance(facts, outcome)
            outcomes.append(outcome)
            done.append(outcome)
        await stage.save(done)
    return outcomes


async def test_a_notice_that_comes_again_is_one_call_and_a_person_may_ask_anew() -> None:
    outcomes = await fold(Held(), [[asked(), asked()], [called(outcome="fetched")], [asked()], [asked(again=True)]])
    assert [len(one.effects) for one in outcomes if one is not None] == [1, 0, 0, 0, 1]
    assert not any(one.emits for one in outcomes if one is not None)
    assert [one.answer for one in outcomes if one is not None][3] == {"state": "fetched"}


@pytest.mark.parametrize(("end", "outcome"), [(called(error="refused"), "given_up"), (called(outcome="gone"), "gone")])
async def test_that_there_is_no_answer_is_told_as_a_submission(end: Command, outcome: str) -> None:
    _, told = await fold(Held(), [[asked()], [end]])
    assert told is not None
    (event,) = told.emits
    assert isinstance(event, SubmissionReceived)
    assert (event.submission_id, event.content_type) == (order().submission_id, NOT_FETCHED)
    said = json.loads(event.body)
    assert (said["outcome"], said["object_id"]) == (outcome, "1")


async def test_an_answer_outweighs_the_failure_of_another_call() -> None:
    outcomes = await fold(Held(), [[asked()], [asked(again=True)], [called(outcome="fetched")], [called(error="x")]])
    assert outcomes[-1] is not None
    assert not outcomes[-1].emits


async def test_what_was_given_up_is_tried_again_by_the_senders_next_notice() -> None:
    outcomes = await fold(Held(), [[asked()], [called(error="x")], [asked()]])
    assert outcomes[-1] is not None
    assert len(outcomes[-1].effects) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        command("fetch", "another key", order().model_dump(mode="json")),
        command("fetch", "k", {"source": "x"}),
        command("called", "never asked for", {"error": "x"}),
        command("dance", "k", None),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(wrong: Command) -> None:
    with pytest.raises(Rejected):
        decide(wrong, Facts({}), NOW)


COMMANDS = st.lists(
    st.one_of(
        st.builds(lambda n, again: asked(n, again=again), st.integers(1, 2), st.booleans()),
        st.builds(called, st.integers(1, 2), st.sampled_from(["fetched", "gone"])),
        st.builds(called, st.integers(1, 2), st.none(), st.just("x")),
    ),
    max_size=12,
)


@given(commands=COMMANDS, cut=st.integers(0, 12))
async def test_a_batch_is_the_same_as_one_by_one(commands: list[Command], cut: int) -> None:
    singly, batched = Held(), Held()
    one_by_one = await fold(singly, [[one] for one in commands])
    assert await fold(batched, [batch for batch in (commands[:cut], commands[cut:]) if batch]) == one_by_one
    assert batched.by_key == singly.by_key
