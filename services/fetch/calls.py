"""The effect: one GET at a provider, and its answer kept as a submission before anybody is told."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import httpx
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.codec import Encoded, encode
from libs.contracts.fetch import FetchOrder
from libs.contracts.lead import Position
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from services.fetch.connectors import Connector
from services.fetch.domain.account import Account, Question
from services.fetch.domain.answers import Answer, Gone, Later, Refused
from services.fetch.domain.wanted import answer_submission

log = logging.getLogger(__name__)


class Broker(Protocol):
    """Durable sends; `libs.runtime.broker.Producer` is one."""

    async def send_and_wait(self, encoded: Encoded, timeout_seconds: float = 5.0) -> Position:
        """Where the record stands once it is safe. Raises Retryable, ValueError for one that is too large."""
        ...


@dataclass(frozen=True, slots=True)
class _Pause:
    """Until when a source's provider is left alone, why, and for which account: a new token ends it."""

    until: float
    reason: str
    account: Account


class Calls:
    """Asks providers, each source at its own pace."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        accounts: Callable[[float], Mapping[str, Account]],
        broker: Broker,
        health: Health,
        *,
        timeout_seconds: float,
        max_answer_bytes: int,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._connectors = connectors
        self._accounts = accounts
        self._broker = broker
        self._health = health
        self._timeout_seconds = timeout_seconds
        self._max_answer_bytes = max_answer_bytes
        self._now = now
        self._monotonic = monotonic
        self._http: httpx.AsyncClient | None = None
        self._pauses: dict[str, _Pause] = {}

    async def call(self, arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG002 - a GET needs no such key
        """Run one order: the answer is kept when this returns `fetched`.

        Raises Retryable while the provider or the broker is not ready, Rejected when only a person can help.
        """
        order = FetchOrder.model_validate(arguments)
        connector = self._connectors.get(order.provider)
        account = self._accounts(self._monotonic()).get(order.source)
        if connector is None:
            raise Rejected(RejectionReason.INVALID, f"there is no connector for {order.provider!r}")
        if account is None:
            do = f"run `signalbox sources token {order.source}`, then `signalbox redrive` this submission"
            raise Rejected(RejectionReason.INVALID, f"there is no access token for {connector.name}: {do}")
        self._keep_pace(order.source, account)
        answer = await self._asked(connector, connector.question(order.object_id, account))
        match connector.meaning(answer, self._now()):
            case Gone(reason):
                self._well(order.source)
                return {"outcome": "gone", "reason": reason}
            case Refused(reason):
                raise Rejected(RejectionReason.INVALID, reason)
            case Later() as later:
                raise self._put_off(order.source, account, later)
        self._well(order.source)
        return await self._kept(connector, order, answer)

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    def _keep_pace(self, source: str, account: Account) -> None:
        pause = self._pauses.get(source)
        left = 0.0 if pause is None or pause.account != account else pause.until - self._monotonic()
        if pause is not None and left > 0:
            raise Retryable(pause.reason, after_seconds=left)

    def _put_off(self, source: str, account: Account, later: Later) -> Retryable:
        if later.whole_source and later.after_seconds:
            until = self._monotonic() + later.after_seconds
            self._pauses[source] = _Pause(until, later.reason, account)
        if later.token:
            self._health.warn(source, f"{later.reason}; leads wait for `signalbox sources token {source}`")
        log.warning("%s: %s", source, later.reason)
        return Retryable(later.reason, after_seconds=later.after_seconds)

    def _well(self, source: str) -> None:
        self._pauses.pop(source, None)
        self._health.mended(source)

    async def _asked(self, connector: Connector, question: Question) -> Answer:
        """The answer with its body. Raises Retryable when there is none, Rejected when it is too large to keep."""
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=self._timeout_seconds, follow_redirects=False)
        try:
            async with self._http.stream("GET", question.url, headers=question.headers) as response:
                body = b""
                async for piece in response.aiter_bytes():
                    body += piece
                    if len(body) > self._max_answer_bytes:
                        raise Rejected(RejectionReason.INVALID, f"{connector.name}'s answer is too large to keep")
        except httpx.HTTPError as error:
            raise Retryable(f"{connector.name} does not answer ({type(error).__name__})") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body)

    async def _kept(self, connector: Connector, order: FetchOrder, answer: Answer) -> JsonValue:
        kind = answer.headers.get("content-type", "application/json")[:200]
        submission = answer_submission(order, answer.body, kind, self._now())
        record = encode(
            SUBMISSION_RECEIVED, submission, submission.submission_id, source="fetch",
            subject_key_id=ids.subject_key_id(submission.submission_id), raw=answer.body,
            traceparent=ids.traceparent(submission.submission_id),
        )  # fmt: skip
        try:
            await self._broker.send_and_wait(record)
        except ValueError:
            raise Rejected(RejectionReason.INVALID, f"{connector.name}'s answer is too large to keep") from None
        return {"outcome": "fetched"}
