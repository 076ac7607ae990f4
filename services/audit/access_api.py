"""Who was shown personal data of whom, who may do what, and who gave them that: /api/accesses and /api/access/grants."""

from datetime import UTC, datetime
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, ConfigDict, Field

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.contracts.events import AccessGranted
from libs.policy.fields import Role
from libs.runtime import clock
from libs.runtime.http import MAX_ACTOR, NOBODY, BadRequest, Human, may
from libs.runtime.people import make_token

BEFORE_ALL = "9999-01-01T00:00:00+00:00"


class Accesses(Protocol):
    """Where it is read."""

    async def shown(
        self, record: tuple[str, str] | None, person: str | None, since: datetime | None, limit: int, before: tuple[datetime, str]
    ) -> list[dict[str, Any]]:  # fmt: skip
        """The newest first, from before (time, event id) on."""
        ...

    async def grants(self, person: str | None) -> list[dict[str, Any]]:
        """The newest first."""
        ...


class Grants(Protocol):
    """Where grants are published; `libs.runtime.people.PublishedAccesses` is one."""

    async def grant(self, granted: AccessGranted) -> None:
        """From now on it holds. Raises Retryable."""
        ...


class Grant(Model):
    """What somebody may do from now on, and why."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    queues: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(default=(), max_length=100)
    member: str | None = Field(default=None, max_length=128)
    until: AwareDatetime | None = None
    reason: str = Field(min_length=1, max_length=2000)
    keep_tokens: bool = False
    """Tokens that they have go on to work."""


class Revocation(Model):
    """Why somebody may do nothing any more."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2000)


def add_grants(app: FastAPI, grants: Grants) -> None:
    """The routes that say who may do what. A grant answers with a token, which is shown this once."""

    @app.post("/api/access/{person}/grant", dependencies=[may("administer")])
    async def grant(person: str, request: Request, actor: Human, given: Grant) -> JSONResponse:
        """Give somebody a role, whatever they had before; tokens that they had are void."""
        now = clock.now()
        if given.until is not None and given.until <= now:
            raise BadRequest(422, "invalid", "until: that is over already")
        if given.role == "rep" and given.member is None:
            raise BadRequest(422, "invalid", "member: a rep is a member of the CRM, by its id")
        since = datetime.fromtimestamp(0, UTC) if given.keep_tokens else now
        await grants.grant(_granted(person, given.role, given, since, actor, now))
        token = None if given.keep_tokens else make_token(person, request.app.state.api_token, now)
        return JSONResponse({"person": person, "role": given.role, "token": token})

    @app.post("/api/access/{person}/revoke", dependencies=[may("administer")])
    async def revoke(person: str, actor: Human, given: Revocation) -> JSONResponse:
        """Take everything from somebody, at once; their tokens are void for good."""
        now = clock.now()
        await grants.grant(_granted(person, None, given, now, actor, now))
        return JSONResponse({"person": person, "role": None})


def _granted(
    person: str, role: Role | None, given: Grant | Revocation, valid_from: datetime, actor: Actor, now: datetime
) -> AccessGranted:
    if not person.isprintable() or not 0 < len(person) <= MAX_ACTOR or person == NOBODY:
        raise BadRequest(422, "invalid", f"a person has a name of 1 to {MAX_ACTOR} printable characters")
    more = given.model_dump(include={"queues", "member", "until"}) if isinstance(given, Grant) else {}
    return AccessGranted(
        event_id=ids.derived_id("access-granted", person, now.isoformat()), decided_at=now, person=person, role=role,
        valid_from=valid_from, actor=actor, reason=given.reason, **more,
    )  # fmt: skip


def add_accesses(app: FastAPI, accesses: Accesses, page_max: int) -> None:
    """The routes that tell it, on the service's app."""

    @app.get("/api/accesses", dependencies=[may("operate")])
    async def shown(
        record_type: str = "",
        record_id: str = "",
        person: str = "",
        since: datetime | None = None,
        limit: Annotated[int, Query(ge=1)] = 100,
        before: str = "",
    ) -> JSONResponse:
        """Who was shown a record, or whom a person was shown; `next` is the `before` of the next page."""
        if bool(record_type) != bool(record_id) or any("\x00" in one for one in (record_type, record_id, person)):
            raise BadRequest(422, "invalid", "name a record by record_type and record_id together")
        record = (record_type, record_id) if record_id else None
        most = min(limit, page_max)
        found = await accesses.shown(record, person or None, since, most, _place(before))
        following = f"{found[-1]['at']}|{found[-1]['event_id']}" if len(found) == most else None
        return JSONResponse({"items": found, "next": following})

    @app.get("/api/access/grants", dependencies=[may("operate")])
    async def grants(person: str = "") -> JSONResponse:
        """Every grant and revocation, the newest first."""
        if "\x00" in person:
            raise BadRequest(422, "invalid", "person: holds a NUL character")
        return JSONResponse({"items": await accesses.grants(person or None)})


def _place(before: str) -> tuple[datetime, str]:
    at, _, event = (before or f"{BEFORE_ALL}|").partition("|")
    try:
        place = datetime.fromisoformat(at)
    except ValueError:
        place = None
    if place is None or place.tzinfo is None or "\x00" in event:
        raise BadRequest(422, "invalid", "before: take it from `next` of the page before")
    return place, event
