"""Who is told by which channel and when; and that whatever is kept goes out exactly once, in any order of events and bells."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from libs.contracts.change import Actor
from libs.contracts.events import Command
from libs.contracts.notices import NoticeDelivered
from libs.contracts.outcome import Outcome
from libs.policy.launch import LaunchMode
from libs.policy.load import PolicyError
from services.notify.domain.known import Known, Moved
from services.notify.domain.notice import Delivery, Notice
from services.notify.domain.plan import deliveries_of
from services.notify.stage import commands, notices
from services.notify.stage.state import advanced
from tests.services.notify import world
from tests.services.notify.world import ANN, MAX, NOW, notice, policy

MEMBERS = {one.member_id: one for one in (ANN, MAX)}
NIGHT = "quiet_hours: {start: '19:00', end: '08:00', days_off: [sat, sun]}\n"
RULES = f"""{NIGHT}
digest_at: ["09:00", "16:30"]
rules:
  - {{name: over, kinds: [breached], channels: [email, slack], urgent: true}}
  - {{name: bosses, roles: [sales_manager], channels: ["slack:managers", "webhook:ops", email]}}
  - {{name: big, queues: [enterprise_sales], channels: [slack]}}
  - {{name: moved, kinds: [moved], channels: [email], when: digest}}
  - {{name: silent, kinds: [waiting], channels: []}}
  - {{name: rest, channels: [email]}}
"""


def told(one: Notice, now: datetime = NOW) -> dict[tuple[str, str], tuple[str, datetime | None]]:
    """Recipient and channel, state and due."""
    found = deliveries_of(one, MEMBERS, policy(RULES), now)
    return {(each.recipient, each.channel): (each.state, each.due_at) for each in found}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def test_the_first_rule_that_takes_a_notice_counts() -> None:
    assert told(notice()) == {("ann", "email"): ("queued", None)}
    assert told(notice(queue="enterprise_sales")) == {("ann", "slack"): ("queued", None)}
    assert told(notice(kind="waiting")) == {}
    assert told(notice(kind="moved")) == {("ann", "email"): ("collected", utc("2026-11-24T15:30"))}
    to_role = notice(member="", role="sales_manager", kind="escalated")
    assert told(to_role) == {
        ("", "slack:managers"): ("queued", None), ("", "webhook:ops"): ("queued", None), ("max", "email"): ("queued", None),
    }  # fmt: skip
    assert told(notice(member="", role="nobody_has_it")) == {}
    assert told(notice(member="gone")) == {}
    assert deliveries_of(notice(), MEMBERS, policy("rules: []\n"), NOW) == ()


def test_at_night_only_what_is_urgent_and_systems_are_told() -> None:
    night = utc("2026-11-24T21:00")  # 22:00 in Berlin, 16:00 in New York
    assert told(notice(at=night), night) == {("ann", "email"): ("held", utc("2026-11-25T07:00"))}
    assert told(notice(at=night, kind="breached"), night) == {
        ("ann", "email"): ("queued", None), ("ann", "slack"): ("queued", None),
    }  # fmt: skip
    role = notice(member="", role="sales_manager", at=night)
    assert told(role, night)["max", "email"] == ("queued", None)
    late = utc("2026-11-25T02:00")  # 21:00 in New York
    assert told(notice(member="", role="sales_manager", at=late), late) == {
        ("", "slack:managers"): ("held", utc("2026-11-25T13:00")), ("", "webhook:ops"): ("queued", None),
        ("max", "email"): ("held", utc("2026-11-25T13:00")),
    }  # fmt: skip
    friday = utc("2026-11-27T19:00")
    assert told(notice(at=friday), friday) == {("ann", "email"): ("held", utc("2026-11-30T07:00"))}


def test_what_can_t_be_sent_is_said_and_old_news_stays_at_home() -> None:
    (one,) = deliveries_of(notice(), {"ann": replace(ANN, email="")}, policy(RULES), NOW)
    assert (one.state, one.reason) == ("given_up", "the member's record has no email address")
    (old,) = deliveries_of(notice(at=NOW - timedelta(hours=25)), MEMBERS, policy(RULES), NOW)
    assert (old.state, old.reason) == ("given_up", "it was heard of a day late")
    assert deliveries_of(notice(), {"ann": replace(ANN, active=False)}, policy(RULES), NOW) == ()


def test_nothing_leaves_the_house_in_a_stricter_mode_or_when_it_was_not_outgoing() -> None:
    known = Known(policy(RULES), MEMBERS)
    assert notices.decide(world.given(), known, NOW).effects
    assert not notices.decide(world.given(outgoing=False), known, NOW).emits
    strict = Known(policy(RULES, LaunchMode.SUGGESTED), MEMBERS)
    assert not notices.decide(world.given(), strict, NOW).emits


class Line:
    """The service's decisions over everything that was said, without a store: each batch as the runtime folds it."""

    def __init__(self) -> None:
        self.known = Known(policy(RULES), MEMBERS)
        self.outcomes: list[Outcome[Any]] = []
        self.bells: dict[tuple[str, str], tuple[datetime, Any]] = {}

    def take(self, outcome: Outcome[Any]) -> None:
        self.known = advanced(self.known, outcome)
        self.outcomes.append(outcome)
        for timer in outcome.timers:
            assert timer.due_at is not None
            self.bells[timer.name, timer.key] = (timer.due_at, timer.arguments)

    def ring(self, now: datetime) -> None:
        """What is due rings, the earliest first."""
        for place, (due, arguments) in sorted(self.bells.items(), key=lambda one: one[1][0]):
            if due <= now:
                del self.bells[place]
                self.take(commands.decide(bell(arguments), self.known, now))

    def sent(self) -> Counter[str]:
        """How often each delivery was on its way in a call that was ordered."""
        count: Counter[str] = Counter()
        for outcome in self.outcomes:
            ordered = {effect.arguments["message_id"] for effect in outcome.effects}  # type: ignore[index,call-overload]
            moved = outcome.state.deliveries if isinstance(outcome.state, Moved) else ()
            count.update(one.delivery_id for one in moved if one.message_id in ordered)
        return count


def bell(arguments: Any) -> Command:
    return Command(name="release", key="k", actor=Actor(kind="rule", id="timer:release"), arguments=arguments)


KINDS = ("given", "moved", "breached", "offered")
steps = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(KINDS), st.sampled_from([0, 1, 20, 60, 300, 900]), st.booleans()),
    max_size=25,
)


@given(steps)
def test_whatever_is_kept_goes_out_exactly_once(steps: list[tuple[int, str, int, bool]]) -> None:
    """`steps`: which notice (the same again is a redelivery), its kind, minutes that pass before, and whether bells ring
    then; those that do not ring in time ring later, as after a crash."""
    line, now, wanted = Line(), NOW, set[str]()
    for number, kind, minutes, rings in steps:
        now += timedelta(minutes=minutes)
        if rings:
            line.ring(now)
        line.take(notices.decide(world.given(number, kind=kind, at=now), line.known, now))
        wanted.add(f"n{number}")
    event(f"bells left: {len(line.bells) > 0}")
    for _ in range(3):
        now += timedelta(days=2)
        line.ring(now)
    assert not line.bells
    deliveries = line.known.deliveries
    assert {one.notice_id for one in deliveries.values()} == wanted
    assert all(one.state == "queued" for one in deliveries.values())
    assert line.sent() == Counter(deliveries.keys())
    event(f"digests: {len({one.message_id for one in deliveries.values()}) < len(deliveries)}")
    told = Counter((e.delivery_id, e.state) for o in line.outcomes for e in o.emits if isinstance(e, NoticeDelivered))
    assert set(told.values()) <= {1}


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(KINDS)), max_size=12), st.integers(0, 23))
def test_a_batch_is_as_many_batches_of_one(given_: list[tuple[int, str]], hour: int) -> None:
    now = NOW.replace(hour=hour)
    events = [world.given(number, kind=kind, at=now) for number, kind in given_]
    known, together = Known(policy(RULES), MEMBERS), []
    for one in events:
        together.append(notices.decide(one, known, now))
        known = advanced(known, together[-1])
    seen: frozenset[str] = frozenset()
    for one, found in zip(events, together, strict=True):
        alone = notices.decide(one, Known(policy(RULES), MEMBERS, notices=seen), now)
        assert alone == found
        seen |= {alone_.notice_id for alone_ in alone.state.notices} if isinstance(alone.state, Moved) else frozenset()


def test_a_bell_that_rings_again_finds_nothing_and_what_came_after_it_is_not_lost() -> None:
    line = Line()
    line.take(notices.decide(world.given(1, kind="moved"), line.known, NOW))
    ((due, arguments),) = line.bells.values()
    line.ring(due)
    again = commands.decide(bell(arguments), line.known, due)
    assert (again.effects, again.emits, again.state) == ((), (), None)
    late = notices.decide(world.given(2, kind="moved"), line.known, NOW)  # decided before the bell, stored after it
    line.take(late)
    line.ring(due)
    assert set(line.sent().values()) == {1}
    assert len(line.sent()) == 2


def test_how_a_message_ended_is_told_for_each_of_its_notices_and_a_channel_that_went_off_to_revops() -> None:
    line = Line()
    for number in (1, 2):
        line.take(notices.decide(world.given(number, kind="moved"), line.known, NOW))
    line.ring(NOW + timedelta(days=1))
    (message,) = {one.message_id for one in line.known.deliveries.values()}

    def ended(**result: Any) -> Outcome[Any]:
        actor = Actor(kind="rule", id="effect:send")
        command = Command(name="delivered", key=message, actor=actor, arguments={"result": result, "error": None})
        return commands.decide(command, line.known, NOW)

    done = ended(state="sent")
    assert [(e.state, e.notice_id) for e in done.emits if isinstance(e, NoticeDelivered)] in (
        [("sent", "n1"), ("sent", "n2")], [("sent", "n2"), ("sent", "n1")],
    )  # fmt: skip
    off = ended(state="given_up", reason="answers 410", channel="webhook:ops", off="answers 410")
    (word,) = [one for one in off.emits if isinstance(one, Command)]
    assert (word.target, word.name, word.key, word.arguments) == (
        "router", "channel_told", "webhook:ops", {"role": "revops", "reason": "answers 410"},
    )  # fmt: skip
    line.take(done)
    assert ended(state="given_up", reason="late").emits == ()


def states(found: Sequence[Delivery]) -> set[str]:
    return {one.state for one in found}


def test_the_mode_counts_when_it_is_sent_and_not_only_when_it_was_kept() -> None:
    line = Line()
    line.take(notices.decide(world.given(1, kind="moved"), line.known, NOW))
    line.known = replace(line.known, policy=policy(RULES, LaunchMode.SUGGESTED))
    line.ring(NOW + timedelta(days=1))
    assert states(list(line.known.deliveries.values())) == {"given_up"}
    assert line.sent() == Counter()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules: [{name: a, channels: [email]}, {name: b, kinds: [given], channels: [slack]}]",
            "b is never asked: a takes",
        ),
        ("rules: [{name: a, queues: [inbound_sale], channels: [email]}]", "did you mean inbound_sales?"),
        ("rules: [{name: a, channels: [email], when: digest, urgent: true}]", "urgent and waits for a digest"),
        ("digest_at: []\nrules: [{name: a, channels: [email], when: digest}]", "digest_at names no time"),
        ("rules: [{name: a, channels: ['webhook:ops'], when: digest}]", "a webhook is called at once"),
        ("rules: [{name: a, channels: [fax]}]", "pattern"),
        ("rules: [{name: a, kinds: [gone]}]", "Input should be"),
        ("rules: [{name: a, kinds: [given], channels: [email, email]}]", "names email twice"),
        ("quiet_hours: {start: '08:00', end: '08:00'}", "begin and end at different times"),
        ("time_zone: Mars/Base", "no such time zone"),
        ("rulez: []", "did you mean rules?"),
        ("slack_users: {dana: U1}", "pattern"),
    ],
)
def test_policy_check_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as found:
        policy(text + "\n")
    assert said in str(found.value)
    assert "notices.yaml" in str(found.value)
