"""Notes and drafts as the stages keep them: one for each version, audited, changed by people and by a model's answer."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from libs.contracts.change import RecordRef, Status
from libs.contracts.events import Command, Event, LeadRouted
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.policy.note import note_of
from libs.policy.policy import Policy
from libs.runtime.stage import AnyStage
from services.triage.domain.handoff import FIELD, Handoff
from services.triage.stage.commands import commands_stage
from services.triage.stage.drafts import WRITE, Both, with_draft_commands, with_drafts
from services.triage.stage.routed import routed_stage
from tests.services.triage.drafted import OWNER, QUOTE, a_lead, policy, routed, to_owner
from tests.services.triage.fake import MemoryCases, MemoryHandoffs
from tests.services.triage.test_draft_checker import GOOD, answer
from tests.services.triage.world import ANA, AT, BO, TIMER


class OnePolicy:
    def by_hash(self, policy_hash: str) -> Policy:
        assert policy_hash == policy().hash
        return policy()


class Drafting:
    """Triage's two stages that draft, on stores in memory."""

    def __init__(self, *, asks_model: bool = False) -> None:
        self.cases, self.handoffs = MemoryCases(), MemoryHandoffs()
        self._stages: dict[type[Event], AnyStage] = {
            LeadRouted: with_drafts(routed_stage(self.cases), self.handoffs, OnePolicy(), asks_model),
            Command: with_draft_commands(commands_stage(self.cases), self.handoffs),
        }
        self.now = AT

    async def batch(self, events: Sequence[Event]) -> list[Outcome[Any]]:
        stage = self._stages[type(events[0])]
        facts, outcomes = await stage.gather(events), []
        for event in events:
            outcomes.append(stage.decide(event, facts, self.now))
            assert stage.advance is not None
            facts = stage.advance(facts, outcomes[-1])
        assert stage.save is not None
        await stage.save(outcomes)
        return outcomes

    async def take(self, event: Event) -> Outcome[Any]:
        return (await self.batch([event]))[0]

    @property
    def held(self) -> Handoff:
        return max(self.handoffs.held.values(), key=lambda one: one.version)


def act(name: str, seen: str, number: int = 0, actor: Any = ANA, **arguments: str) -> Command:
    return Command(event_id=f"{name}-{number}", name=name, key="l1", actor=actor, arguments=arguments, seen_hash=seen)


def written(**result: Any) -> Command:
    return Command(
        event_id="w", name="draft_written", key="l1", actor=TIMER, arguments={"result": {"version": 1, **result}, "error": None}
    )  # fmt: skip


def version(number: int) -> Lead:
    return a_lead().model_copy(update={"version": number})


async def test_who_gets_a_lead_gets_a_note_and_a_draft_that_is_only_created() -> None:
    triage = Drafting()
    (change,) = (await triage.take(routed())).settled
    assert triage.held.note == note_of(a_lead(), to_owner(), policy())
    assert (triage.held.status, triage.held.owner) == ("created", OWNER.id)
    assert (change.status, change.actor.kind, change.field) == (Status.PROPOSED, "rule", FIELD)
    assert change.old is None
    assert QUOTE in str(change.new)
    assert any(QUOTE in proof.quote for proof in change.evidence)


async def test_a_redelivery_changes_nothing_and_another_owner_keeps_the_draft() -> None:
    triage = Drafting()
    await triage.take(routed())
    before = triage.held
    again = await triage.batch([routed(number=1), routed(number=2)])
    assert not any(isinstance(one.state, Both) or one.settled for one in again)
    moved = await triage.take(routed(route=to_owner(owner=RecordRef(type="member", id="m2")), number=3))
    assert not moved.settled
    assert triage.held == before.model_copy(update={"owner": "m2"})


async def test_each_version_has_its_own_and_an_old_one_changes_nothing() -> None:
    triage = Drafting()
    await triage.batch([routed(version(1)), routed(version(2))])
    assert set(triage.handoffs.held) == {("l1", 1), ("l1", 2)}
    late = await triage.take(routed(version(1), number=9))
    assert not late.settled
    assert triage.held.version == 2


async def test_a_lead_that_waits_for_a_person_has_none_until_it_is_given() -> None:
    triage = Drafting()
    await triage.take(routed(route=to_owner(destination="triage", owner=None)))
    assert triage.handoffs.held == {}
    await triage.take(routed(number=1))
    assert triage.held.status == "created"


async def test_for_whom_nothing_is_drafted_the_note_is_kept_with_the_reason() -> None:
    triage = Drafting()
    outcome = await triage.take(routed(a_lead(do_not_mail=True)))
    assert (triage.held.draft, triage.held.status) == (None, "none")
    assert "opted out" in triage.held.why_not
    assert triage.held.note.lines
    assert not outcome.settled
    (refused,) = await triage.batch([act("draft_approve", triage.held.seen_hash)])
    assert refused.answer is not None
    assert "opted out" in str(refused.answer)


async def test_a_suppressed_lead_says_why() -> None:
    triage = Drafting()
    await triage.take(routed(route=to_owner(destination="suppressed", owner=None, reason="never routed")))
    assert "never routed" in triage.held.why_not
    assert not triage.held.note.lines


async def test_edit_approve_and_discard_are_audited_with_both_sides() -> None:
    triage = Drafting()
    await triage.take(routed())
    first = triage.held
    assert first.draft is not None
    text = first.draft.text + "\nDana"
    (change,) = (await triage.take(act("draft_edit", first.seen_hash, text=text))).settled
    assert (change.status, change.actor) == (Status.EDITED, ANA)
    assert change.old == {"status": "created", "version": 1, "text": first.draft.text}
    assert change.new == {"status": "edited", "version": 1, "text": text}
    (change,) = (await triage.take(act("draft_approve", triage.held.seen_hash, 1))).settled
    assert (change.status, change.verified_by) == (Status.APPROVED, "ana")
    (change,) = (await triage.take(act("draft_discard", triage.held.seen_hash, 2, BO, reason="no"))).settled
    assert (change.status, change.actor, change.reason) == (Status.REJECTED, BO, "no")
    gone = await triage.take(act("draft_edit", triage.held.seen_hash, 3, text="x"))
    assert gone.answer is not None
    assert "discarded by bo" in str(gone.answer)
    assert not gone.settled


async def test_the_second_of_two_people_is_told() -> None:
    triage = Drafting()
    await triage.take(routed())
    seen = triage.held.seen_hash
    one, two = await triage.batch([act("draft_approve", seen), act("draft_edit", seen, 1, BO, text="Other")])
    assert one.answer is not None
    assert two.answer is not None
    assert isinstance(two.answer, dict)
    assert (two.answer["code"], two.answer["seen_hash"]) == ("changed", triage.held.seen_hash)
    assert triage.held.status == "approved"


async def test_no_machine_approves() -> None:
    triage = Drafting()
    await triage.take(routed())
    refused = await triage.take(act("draft_approve", triage.held.seen_hash, actor=TIMER))
    assert "only a person" in str(refused.answer)


async def test_a_person_is_warned_of_what_they_add() -> None:
    triage = Drafting()
    await triage.take(routed())
    told = await triage.take(act("draft_edit", triage.held.seen_hash, text="It is $10, guaranteed. " + "word " * 130))
    assert isinstance(told.answer, dict)
    assert len(told.answer["warnings"]) == 3  # type: ignore[arg-type]


async def test_a_model_is_asked_once_and_what_the_checker_takes_replaces_the_template() -> None:
    triage = Drafting(asks_model=True)
    (effect,) = (await triage.take(routed())).effects
    assert (effect.name, effect.key, effect.done) == (WRITE, "l1", "draft_written")
    assert QUOTE in json.dumps(effect.arguments)
    (change,) = (await triage.take(written(text=answer(GOOD), model="gpt"))).settled
    assert (change.actor.kind, change.model_version, change.status) == ("ai", "gpt", Status.PROPOSED)
    assert triage.held.draft is not None
    assert GOOD in triage.held.draft.text
    assert (await triage.take(routed(number=4))).effects == ()


async def test_what_is_refused_leaves_the_template_and_says_so() -> None:
    triage = Drafting(asks_model=True)
    await triage.take(routed())
    before = triage.held.draft
    assert before is not None
    for result, why in (
        ({"text": answer("We guarantee 50% off."), "model": "gpt"}, "themselves"),
        ({"problem": "the endpoint answered 500"}, "answered 500"),
    ):
        outcome = await triage.take(written(**result))
        assert not outcome.settled
        assert triage.held.draft is not None
        assert (triage.held.draft.text, triage.held.draft.engine) == (before.text, "template")
        assert any(why in one for one in triage.held.draft.refused)


async def test_a_model_that_answers_late_overwrites_nobody() -> None:
    triage = Drafting(asks_model=True)
    await triage.take(routed())
    await triage.take(act("draft_edit", triage.held.seen_hash, text="Mine."))
    triage.now += timedelta(minutes=1)
    await triage.take(written(text=answer(GOOD), model="gpt"))
    assert triage.held.draft is not None
    assert triage.held.draft.text == "Mine."
    newer = Drafting(asks_model=True)
    await newer.batch([routed(version(1)), routed(version(2))])
    await newer.take(written(text=answer(GOOD), model="gpt"))
    assert newer.held.draft is not None
    assert newer.held.draft.engine == "template"


async def test_other_commands_still_reach_the_queue() -> None:
    triage = Drafting()
    told = await triage.take(Command(event_id="d", name="decide", key="l1", actor=ANA, arguments={"answers": []}))
    assert "no triage item" in str(told.answer)
