"""Drill 28: signed requests altered in a hundred thousand ways. None is accepted, none makes intake stumble."""

import random
from collections.abc import Callable
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.oracle import events_of
from drills.replay import posted
from drills.report import Report
from drills.senders import Sender, make_secrets, now, senders
from drills.site import site
from drills.wire import Answered, Headers, Post, Tally, ask_all
from libs.contracts.events import SubmissionReceived

CHUNK = 10_000
_LETTERS = b"0123456789abcdefGHIJKLMNOPQRSTUVWXYZ+/=,.:;-_v1t"
_UNCOVERED = frozenset({"mailgun", "google_ads", "segment"})
"""Tools whose signature does not cover the whole body: there an altered body is no forgery."""

_IN_THE_BODY = frozenset({"mailgun", "google_ads"})
"""Tools whose proof stands in the body: without it nothing of theirs is left."""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Each request starts as a good one of some tool and is altered once or more."""
    report, rng, tally = Report("forgeries", plan.seed), random.Random(plan.seed), Tally()
    make_secrets(data)
    async with site(data, say, separate=False, without=("line",), env={"INTAKE_SOURCE_RATE": "0"}) as running:
        port = running.ports["INTAKE_PORT"]
        signing = senders(data, running.url("intake"))
        good = [one.signed(now()) for one in signing]
        taken: list[int] = []
        await ask_all(port, good, lambda _, answer: taken.append(answer.status), connections=2)
        report.require(all(200 <= status < 300 for status in taken), f"good requests were answered {sorted(taken)}")

        def told(post: Post, answer: Answered) -> None:
            tally.add(post, answer, lambda status: 400 <= status < 500 or status == 0)

        for start in range(0, plan.size, CHUNK):
            posts = [forged(rng.choice(signing), rng) for _ in range(min(CHUNK, plan.size - start))]
            await ask_all(port, posts, told)
            say(f"{start + len(posts)} of {plan.size} forgeries: {dict(sorted(tally.codes.items()))}")
        events = [one for _, one in await events_of(running.kafka, "submission.received.v1")]
        kept = sorted(one.source for one in events if isinstance(one, SubmissionReceived) and posted(one))
        restarts = running.restarts("intake")
    report.figures |= {"tools": len(signing), "forgeries": plan.size, "codes": dict(sorted(tally.codes.items()))}
    report.figures |= {"kept": len(kept), "restarts_of_intake": restarts}
    report.problems += tally.wrong
    wanted = sorted(one.source for one in signing)
    report.require(kept == wanted, f"kept were {kept} where {wanted} were good")
    report.require(restarts == 0, f"intake ended {restarts} times")
    report.require(tally.codes.get(0, 0) < plan.size // 20, "too many connections ended without an answer")
    return report


def forged(sender: Sender, rng: random.Random) -> Post:
    """A request of the tool that it did not send: another key, another body, another signature or none."""
    post = sender.signed(now())
    ways: list[Callable[[Sender, Post, random.Random], Post]] = [_key, _headers, _headers, _dropped, _noise]
    if sender.tool not in _UNCOVERED:
        ways += [_body, _body]
    return rng.choice(ways)(sender, post, rng)


def _key(sender: Sender, post: Post, rng: random.Random) -> Post:  # noqa: ARG001
    """Signed in full, with another secret."""
    return _about(sender.signed(now(), secret=rng.randbytes(24).hex()), "another secret")


def _body(sender: Sender, post: Post, rng: random.Random) -> Post:  # noqa: ARG001
    body = bytearray(post.body)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(body))
        match rng.randrange(4):
            case 0:
                body[at] ^= 1 << rng.randrange(8)
            case 1:
                body.insert(at, rng.randrange(256))
            case 2:
                del body[at : at + rng.randrange(1, 20)]
            case _:
                body += rng.randbytes(rng.randrange(1, 20))
        body = body or bytearray(b" ")
    if bytes(body) == post.body:
        body += b" "
    return Post(post.path, post.headers, bytes(body), "altered body")


def _headers(sender: Sender, post: Post, rng: random.Random) -> Post:
    """One of the headers of the signature altered: another character, cut, longer, empty, not even text."""
    own = list(post.headers)[1:]
    if not own:
        return _key(sender, post, rng)
    place = rng.randrange(len(own))
    name, value = own[place]
    at = rng.randrange(len(value))
    other = rng.choice([one for one in _LETTERS if bytes([one]).lower() != value[at : at + 1].lower()])
    match rng.randrange(6):
        case 0 | 1:
            changed = value[:at] + bytes([other]) + value[at + 1 :]
        case 2:
            changed = value[:at]
        case 3:
            changed = value + bytes([rng.choice(b"0aZ.=")])
        case 4:
            changed = rng.choice([b"nan", b"-1", b"1e9", b"9" * 30, b"\xff\xfe", b"v1,", b"t=,v1=", b"sha256="])
        case _:
            changed = b"A" * rng.randrange(1, 6000)
    own[place] = (name, changed)
    return Post(post.path, [next(iter(post.headers)), *own], post.body, f"altered {name.decode()}")


def _dropped(sender: Sender, post: Post, rng: random.Random) -> Post:
    own = list(post.headers)[1:]
    if not own:
        return _key(sender, post, rng)
    del own[rng.randrange(len(own))]
    return Post(post.path, [next(iter(post.headers)), *own], post.body, "a header less")


def _noise(sender: Sender, post: Post, rng: random.Random) -> Post:
    """No signature of this tool at all; random headers and tokens instead."""
    strange: Headers = [
        (b"x-" + rng.randbytes(4).hex().encode(), rng.randbytes(rng.randrange(1, 40)).hex().encode()),
        (b"authorization", rng.choice([b"Bearer x", b"Basic !!!", b"Basic " + rng.randbytes(9).hex().encode()])),
    ]
    path = post.path + rng.choice(["", "/" + rng.randbytes(6).hex(), "?token=" + rng.randbytes(6).hex(), "/%00", "//"])
    body = _key(sender, post, rng).body if sender.tool in _IN_THE_BODY else post.body
    return Post(path, [*list(post.headers)[:1], *strange], body, "no signature")


def _about(post: Post, about: str) -> Post:
    return Post(post.path, post.headers, post.body, about)


DRILL = Drill(
    "forgeries", 28, "100,000 altered signed requests: none accepted, none answered with 5xx", run, Plan(size=100_000)
)
