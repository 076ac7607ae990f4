"""What happens to one submission between its bytes and its receipt."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import orjson
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.codec import Encoded, encode
from libs.contracts.events import SubmissionReceived
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.errors import Retryable
from services.intake.domain.replays import Replays
from services.intake.domain.request import Answer, Request
from services.intake.domain.sources import Source
from services.intake.domain.spooling import SpoolBrokenError, SpoolFullError
from services.intake.domain.verifiers import Verdict, refuse_unknown

log = logging.getLogger(__name__)

UNAUTHORIZED = Answer(
    401, b'{"error":"unauthorized","message":"unknown source, or the request does not prove its sender"}'
)
"""One answer for every cause: nothing tells a wrong secret from a source that does not exist."""
NO_POLICY = Answer(
    503, b'{"error":"unavailable","message":"no policy has been published yet"}', headers=(("retry-after", "5"),)
)
FULL = Answer(
    503, b'{"error":"unavailable","message":"no room to keep this; send it again"}', headers=(("retry-after", "10"),)
)
TOO_LARGE = Answer(413, b'{"error":"too_large","message":"the body is larger than this address takes"}')

SourceOf = Callable[[str], Source | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """A source's own limits, where the policy sets them."""

    max_body_bytes: int | None = None
    per_second: float | None = None


class Log(Protocol):
    """Keeps submissions."""

    async def write(self, record: Encoded) -> Position | None:
        """Where the record stands, None when it is spooled. Raises SpoolFullError, SpoolBrokenError, ValueError."""
        ...


class Receiver:
    """Verifies, names and keeps submissions."""

    def __init__(self, source_of: SourceOf, submissions: Log) -> None:
        self._source_of = source_of
        self._log = submissions
        self._replays = Replays()

    async def received(self, name: str, request: Request) -> Answer:
        """The answer to a POST. Success only when the bytes are safe."""
        try:
            source = self._source_of(name)
        except Retryable:
            return NO_POLICY
        verdict = refuse_unknown(request) if source is None else source.verdict(request)
        if source is None or not verdict.accepted or self._is_replay(source, request):
            return UNAUTHORIZED
        return await self._kept(source, verdict, request)

    def takes_get(self, name: str) -> bool:
        """Whether a GET with values in its query is a submission of that source."""
        try:
            source = self._source_of(name)
        except Retryable:
            return False
        return source is not None and source.rules.takes_get

    def limits_of(self, name: str) -> Limits:
        """What the policy says of the source's rate and size; nothing for one that does not exist."""
        try:
            source = self._source_of(name)
        except Retryable:
            return Limits()
        return Limits() if source is None else Limits(source.rules.max_body_bytes, source.rules.per_second)

    def checked(self, name: str, request: Request) -> Answer:
        """The answer to a GET: a sender's check of the address, or the one refusal."""
        try:
            source = self._source_of(name)
        except Retryable:
            return NO_POLICY
        answer = source.adapter.handshake(request, source.secrets) if source and source.adapter.handshake else None
        return answer or UNAUTHORIZED

    def _is_replay(self, source: Source, request: Request) -> bool:
        """Whether the request's proof, good for one message, was seen with another."""
        once = source.adapter.once(request, _quick_json(request.body)) if source.adapter.once else None
        return once is not None and self._replays.is_replay(source.name, *once)

    async def _kept(self, source: Source, verdict: Verdict, request: Request) -> Answer:
        submission = submission_of(source, verdict, request)
        record = encode(
            SUBMISSION_RECEIVED, submission, submission.submission_id, source="intake",
            subject_key_id=ids.subject_key_id(submission.submission_id), raw=request.body,
            traceparent=ids.traceparent(submission.submission_id),
        )  # fmt: skip
        try:
            position = await self._log.write(record)
        except (SpoolFullError, SpoolBrokenError) as error:
            log.error("a submission was turned away: %s", type(error).__name__)
            return FULL
        except ValueError:
            return TOO_LARGE
        answer = source.adapter.answer_to(request, source.rules)
        return Answer(answer.status, _receipt(submission, position)) if answer.body is None else answer


def submission_of(source: Source, verdict: Verdict, request: Request) -> SubmissionReceived:
    """The submission's facts. The same delivery always has the same ids, whenever and however often it comes.

    Secrets in the path or the query are left out: the facts are kept for ever.
    """
    digest = ids.content_hash(request.body)
    delivery = source.adapter.delivery_id(request, _quick_json(request.body))
    submission_id = ids.submission_id(source.name, delivery or digest)
    return SubmissionReceived(
        event_id=ids.derived_id("submission.received", submission_id, digest),
        decided_at=request.received_at,
        submission_id=submission_id,
        source=source.name,
        delivery_id=delivery,
        method=request.method,
        path=f"/hooks/{source.name}",
        query="&".join(pair for pair in request.query.split("&") if not pair.startswith("token="))[:2000],
        content_type=request.content_type[:500],
        content_encoding=request.content_encoding[:100],
        headers=source.adapter.kept_headers(request),
        trust=verdict.trust,
        verified_by=verdict.secret,
        received_at=request.received_at,
        sha256=digest,
    )


def _receipt(submission: SubmissionReceived, position: Position | None) -> bytes:
    receipt: dict[str, JsonValue] = {"submission_id": submission.submission_id, "sha256": submission.sha256}
    if position is None:
        receipt["spooled"] = True
    else:
        receipt |= {"topic": position.topic, "partition": position.partition, "offset": position.offset}
    return orjson.dumps(receipt)


def _quick_json(body: bytes) -> JsonValue:
    """The body as JSON where it plainly is; only delivery ids are read from it, the mapper parses strictly."""
    try:
        parsed: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return parsed
