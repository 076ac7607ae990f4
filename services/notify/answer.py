"""The effect `answer`: who pressed a button decides as themselves, through triage's own door, and the message says so."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import JsonValue

from libs.contracts import ids
from libs.runtime import clock
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.outbound import Outbound
from libs.runtime.people import Caller, make_token
from libs.runtime.policies import PolicyVersions
from services.notify.connectors import slack
from services.notify.domain.slack import PRESSED, Pressed, answers_of, settled, whispered
from services.notify.send import Session
from services.notify.store import PostgresBook

log = logging.getLogger(__name__)

OPEN_SECONDS = 20.0
"""So long a decision that is under way is waited for; then it is asked again, with the same key."""
_STARTS = {200, 202}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a press: `settled` takes the message's place, otherwise only who pressed is told."""

    outcome: str
    text: str
    settled: bool = False
    decided: bool = False


@dataclass(slots=True)
class Answers:
    """Decides what buttons ask for."""

    book: PostgresBook
    policies: PolicyVersions
    session: Callable[[], Session]
    api_token: bytes
    triage_url: str
    console_url: str
    client: Outbound
    timeout_seconds: float
    _http: httpx.AsyncClient | None = field(default=None)

    async def run(self, arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG002 - the press has its own key
        """Decide, and tell. Raises Retryable when triage does not answer: the same press decides once, however often."""
        pressed = PRESSED.validate_python(arguments)
        told = await self._decided(pressed)
        await self._tell(pressed, told)
        log.info("a press of %s for lead %s: %s", pressed.user, pressed.lead_id, told.outcome)
        return {"delivery_id": pressed.delivery_id, "outcome": told.outcome, "decided": told.decided}

    async def _decided(self, pressed: Pressed) -> Told:
        held = await self.book.delivery(pressed.delivery_id)
        if held is None or held.lead_id != pressed.lead_id or not held.channel.startswith("slack"):
            return Told("not ours", "Signalbox knows no such message: nothing was done.")
        caller = await self._person(pressed.user)
        if caller is None:
            return Told(
                "unknown user",
                "Signalbox does not know who you are: nothing was done. Ask RevOps to name your Slack user "
                f"{pressed.user} in notices.yaml or in your member record.",
            )
        if not caller.may("decide"):
            return Told("no right", f"A {caller.role} may not decide this: nothing was done.")
        return _told(pressed, caller, await self._asked_triage(pressed, caller))

    async def _person(self, user: str) -> Caller | None:
        """Who a user of Slack is, and what they may do now."""
        people, now = self.session().people, clock.now()
        named = self.policies.newest().notices.slack_users.get(user)
        if named is not None:
            return people.person(named, now)
        member = await self.book.member_of_slack(user)
        return None if member is None else people.of_member(member, now)

    async def _asked_triage(self, pressed: Pressed, caller: Caller) -> httpx.Response:
        """Triage's answer to the decision, sent with a token of the person's own: triage checks their rights itself."""
        if not self.triage_url:
            raise Retryable("triage's address is not known: set NOTIFY_TRIAGE_URL")
        key = ids.derived_id("slack", pressed.team, pressed.user, pressed.delivery_id, pressed.action_ts)
        token = make_token(caller.actor.id, self.api_token, clock.now())
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        body = {"seen_hash": pressed.seen_hash, "answers": answers_of(pressed.question_id, pressed.verdict)}
        path = f"/api/items/{quote(pressed.lead_id, safe='')}/decision"
        answer = await self._called("POST", path, headers, body)
        deadline = clock.monotonic() + OPEN_SECONDS
        while answer.status_code == httpx.codes.ACCEPTED:
            if clock.monotonic() > deadline:
                raise Retryable("triage has not decided yet")
            await asyncio.sleep(0.2)
            answer = await self._called("GET", answer.json()["link"], headers, None)
        return answer

    async def _called(self, method: str, path: str, headers: dict[str, str], body: JsonValue) -> httpx.Response:
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=self.timeout_seconds, trust_env=False)
        try:
            answer = await self._http.request(method, self.triage_url + path, headers=headers, json=body)
        except httpx.HTTPError as error:
            raise Retryable(f"triage does not answer ({type(error).__name__})") from None
        if answer.status_code >= 500:
            raise Retryable(f"triage answers {answer.status_code}")
        return answer

    async def _tell(self, pressed: Pressed, told: Told) -> None:
        """Say it in Slack. The decision stands, whether or not that gets through."""
        if not pressed.response_url:
            return
        link = f"{self.console_url.rstrip('/')}/queue/{pressed.lead_id}" if self.console_url else ""
        body = settled(told.text, link) if told.settled else whispered(told.text)
        try:
            taken = await slack.respond(self.client, pressed.response_url, body, self.timeout_seconds, clock.now())
        except Rejected as error:
            log.warning("what became of a press can't be told: %s", error.message)
            return
        if not taken:
            log.warning("Slack takes no answer to a press any more")


def _told(pressed: Pressed, caller: Caller, answer: httpx.Response) -> Told:
    """What triage's answer means to who pressed."""
    try:
        held: Any = answer.json()
    except ValueError:
        held = {}
    found = held if isinstance(held, dict) else {}
    who, done = caller.actor.id, {"approve": "Approved", "reject": "Rejected"}[pressed.verdict]
    if answer.status_code in _STARTS:
        return Told(f"{pressed.verdict} by {who}", f"{done} by {who}.", settled=True, decided=True)
    match found.get("error"):
        case "changed":
            return Told("changed since", "Changed since this was sent; open it to see what is asked now.", settled=True)
        case "not_open":
            by = str(found.get("by") or "somebody")
            return Told(
                "not open", f"No longer open: it was {found.get('item_status', 'closed')} by {by}.", settled=True
            )
        case "not_found":
            return Told("not found", "There is no such item any more.", settled=True)
    message = str(found.get("message") or f"triage answers {answer.status_code}")[:300]
    return Told(f"refused ({answer.status_code})", f"Nothing was done: {message}")
