"""Signed submissions as raw HTTP requests, made from a seed: distinct people, 1.5 kB of JSON, Typeform's format and signature."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from random import Random
from string import ascii_lowercase

from cli.demo.tools import Filled, typeform
from cli.demo.world import World, message
from cli.signing import Unsigned, signed
from libs.contracts import ids

SOURCE = "typeform"
PATH = f"/hooks/{SOURCE}"
BODY_BYTES = 1_500
PER_WORLD = 100


@dataclass(frozen=True)
class Submission:
    """A request and the id that intake will give it."""

    submission_id: str
    body: bytes
    request: bytes


def submissions(seed: int, secret: str, now: datetime) -> Iterator[Submission]:
    """Submissions without end; the same seed, secret and time give the same bytes."""
    chance = Random(seed)
    while True:
        yield from islice(_of_one_world(chance, secret, now), PER_WORLD)


def _of_one_world(chance: Random, secret: str, now: datetime) -> Iterator[Submission]:
    """Submissions whose companies begin with a word of their own, since a world has only so many names."""
    world = World(chance)
    while True:
        found = world.company((50, 480))
        word = "".join(chance.choices(ascii_lowercase, k=7))
        company = replace(found, name=f"{word.title()} {found.name}", domain=f"{word}-{found.domain}")
        person = world.person(company, "decider")
        filled = Filled(
            delivery=f"{chance.getrandbits(96):024x}",
            person=person,
            message=message(chance, company, "medium"),
            submitted_at=now,
            page="https://www.signalbox.example/demo",
            utm=(("utm_source", "google"), ("utm_campaign", "autumn-launch")),
        )
        body = _sized(typeform(filled)[1])
        headers, body = signed(SOURCE, secret, Unsigned("", body), now)
        yield Submission(ids.submission_id(SOURCE, filled.delivery), body, request(PATH, body, headers))


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST on a connection that stays open."""
    lines = [
        f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json", f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _sized(body: bytes) -> bytes:
    """The body with spaces at its end up to the size that is measured: JSON allows them."""
    return body + b" " * max(0, BODY_BYTES - len(body))
