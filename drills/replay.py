"""Drill 27: signed requests are captured and sent again: at once, at the edge of the window, past it, with their time altered."""

from datetime import datetime, timedelta
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.oracle import events_of, until_quiet
from drills.report import Report
from drills.senders import Sender, make_secrets, now, senders
from drills.site import site
from drills.wire import Answered, Post, Tally, ask_all
from libs.contracts.events import SubmissionReceived
from libs.contracts.keys import lead_of

EDGE = timedelta(seconds=20)
"""So far from the edge of the window a request still counts as inside or outside: the drill itself takes time."""
STAMPS = (b"nan", b"1.5", b"-5", b"1e9", b"0x5f", b"", b"9" * 40, "١٧".encode())


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """What is inside the window may come again and stays one submission; what is outside is refused."""
    report, inside, outside = Report("replay", plan.seed), Tally(), Tally()
    make_secrets(data)
    async with site(data, say, separate=False) as running:
        port, started = running.ports["INTAKE_PORT"], now()
        signing = senders(data, running.url("intake"))
        accepted = [post for sender in signing for post in captured(sender, started)]
        refused = [post for sender in signing for post in stale(sender, started)]
        await ask_all(port, accepted, lambda post, answer: inside.add(post, answer, lambda code: 200 <= code < 300))
        await ask_all(port, refused, lambda post, answer: _refused(outside, post, answer))
        say(f"{len(accepted)} sent again inside the window, {len(refused)} outside")
        leads, submissions = await _kept(running.kafka)
        sources = sorted(submissions.values())
        restarts = running.restarts("intake")
    report.figures |= {"tools": len(signing), "inside": inside.codes, "outside": outside.codes}
    report.figures |= {"submissions": len(submissions), "leads": len(leads)}
    report.problems += inside.wrong + outside.wrong
    report.require(len(submissions) <= len(signing), f"{len(submissions)} submissions of {len(signing)}: {sources}")
    report.require(len(leads) > len(signing) // 2, f"only {len(leads)} leads: too little was tried")
    report.require(len(leads) == len(set(leads)), "a replay made a second lead")
    report.require(restarts == 0, f"intake ended {restarts} times")
    return report


def captured(sender: Sender, at: datetime) -> list[Post]:
    """The same delivery again: at once, three times, and as old and as new as the window allows."""
    times = [at, at, at]
    if sender.tolerance is not None:
        times += [at - sender.tolerance + EDGE, at + sender.tolerance - EDGE]
    return [_about(sender.signed(time), f"{(time - at).total_seconds():+.0f} s") for time in times]


def stale(sender: Sender, at: datetime) -> list[Post]:
    """Outside the window either way, and with the time written in other ways; only of tools that sign a time."""
    if sender.tolerance is None:
        return []
    posts = [sender.signed(at - sender.tolerance - EDGE), sender.signed(at + sender.tolerance + EDGE)]
    fresh, digits = sender.signed(at), [str(int(at.timestamp() * 1000)).encode(), str(int(at.timestamp())).encode()]
    for stamp in STAMPS:
        headers = [(name, _restamped(value, digits, stamp)) for name, value in fresh.headers]
        posts.append(Post(fresh.path, headers, _restamped(fresh.body, digits, stamp), f"time {stamp[:8]!r}"))
    return posts


def _restamped(value: bytes, digits: list[bytes], stamp: bytes) -> bytes:
    for one in digits:
        value = value.replace(one, stamp)
    return value


def _refused(tally: Tally, post: Post, answer: Answered) -> None:
    tally.add(post, answer, lambda code: 400 <= code < 500)


async def _kept(kafka: str) -> tuple[list[str], dict[str, str]]:
    """The event ids of leads that dedupe decided as new versions, and the sources of what was posted, by submission id."""
    await until_quiet(kafka)
    leads = [event_id for event_id, event in await events_of(kafka, "lead.deduped.v1") if lead_of(event) is not None]
    kept = await events_of(kafka, "submission.received.v1")
    return leads, {
        one.submission_id: one.source for _, one in kept if isinstance(one, SubmissionReceived) and posted(one)
    }


def posted(submission: SubmissionReceived) -> bool:
    """Whether it came from outside; what intake had fetched for an id is kept as a submission too."""
    return submission.method == "POST"


def _about(post: Post, about: str) -> Post:
    return Post(post.path, post.headers, post.body, about)


DRILL = Drill("replay", 27, "captured requests sent again: one lead each, nothing outside the window", run)
