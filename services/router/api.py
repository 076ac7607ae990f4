"""Router's REST API: members' leads, why a lead is where it is, and what people do with it, as commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import FastAPI, Header, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, CommandSender, Human, Token, command_response, new_app
from libs.runtime.policies import PolicyVersions
from services.router.domain.records import DayException, LeadRow, stored_lead
from services.router.domain.shown import LeadState, Shown, lead_shown, route_shown
from services.router.settings import RouterSettings

_STATUS_OF = {"invalid": 422, "no_member": 422}
"""Of refusals; all others are 409: the lead is no longer as the person saw it."""
BEGINNING = ("-infinity", "")
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]


class Leads(Protocol):
    """Where routed leads are read."""

    async def one(self, lead_id: str) -> LeadRow | None:
        """The newest version of a lead that was routed."""
        ...

    async def page(self, member: str | None, state: LeadState, limit: int, after: tuple[str, str]) -> list[LeadRow]:
        """What is due first, from behind `after` (due time, lead id) on."""
        ...

    async def members(self) -> dict[str, str]:
        """The members' names by id."""
        ...

    async def exceptions(self) -> list[DayException]:
        """Days on which calendars have other hours."""
        ...


class Said(Model):
    """What a person says of a lead; `member`: for whom, when it is not they themselves."""

    model_config = ConfigDict(extra="forbid")
    member: str | None = Field(default=None, max_length=128)
    reason: str = Field(default="", max_length=2000)


class Commented(Model):
    """What somebody thinks of a lead."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=2000)


class Given(Model):
    """Who gets a lead, and why."""

    model_config = ConfigDict(extra="forbid")
    owner: str = Field(max_length=128)
    reason: str = Field(default="", max_length=2000)


def create_app(
    leads: Leads, policies: PolicyVersions, commands: CommandSender, api_token: str, health: Health, settings: RouterSettings
) -> FastAPI:  # fmt: skip
    """The API on its parts."""
    app = new_app("Signalbox router", api_token, health)
    _add_reads(app, leads, policies, settings)
    _add_acts(app, commands, leads)
    _add_moves(app, commands, leads)
    return app


def _add_reads(app: FastAPI, leads: Leads, policies: PolicyVersions, settings: RouterSettings) -> None:
    @app.get("/api/leads", dependencies=[Token])
    async def page(
        member: str = "", state: LeadState = "active", limit: Annotated[int, Query(ge=1)] = 50, after: str = ""
    ) -> JSONResponse:  # fmt: skip
        """A member's leads, those due first; `next` is the `after` of the next page. A member is an id or a name."""
        names = await leads.members()
        who = _member(member, names) if member else None
        most = min(limit, settings.page_max)
        rows = await leads.page(who, state, most, _place(after))
        exceptions, now = await leads.exceptions(), clock.now()
        shown = [_listed(row, policies, exceptions, now, who) for row in rows]
        following = _place_of(rows[-1]) if len(rows) == most else None
        return JSONResponse({"member": who, "items": shown, "names": names, "next": following})

    @app.get("/api/leads/{lead_id}/route", dependencies=[Token])
    async def route(lead_id: str) -> JSONResponse:
        """Why a lead is where it is: rules asked, turn, offers and their ends, clocks."""
        row = await leads.one(_id(lead_id))
        if row is None:
            raise BadRequest(404, "not_found", "no routed lead of that id: it may still be on its way")
        policy = policies.by_hash(stored_lead(row).policy_hash)
        return JSONResponse(route_shown(row, policy, await leads.exceptions(), clock.now()))


def _add_acts(app: FastAPI, commands: CommandSender, leads: Leads) -> None:
    def add(path: str, name: str, told: str) -> None:
        async def act(lead_id: str, actor: Human, said: Said, key: Key = "") -> JSONResponse:
            arguments = said.model_dump(exclude_none=True)
            if said.member is not None:
                arguments["member"] = _member(said.member, await leads.members())
            return await _sent(commands, name, lead_id, actor, arguments, key)

        app.post(f"/api/leads/{{lead_id}}/{path}", dependencies=[Token], description=told)(act)

    add("accept", "accept", "The member takes the lead that was offered to them; from then on only a person moves it.")
    add("reject", "reject", "The member does not take it, for a reason: the next of the pool or a person gets it.")
    add("touch", "touched", "Somebody spoke to the lead: first touch is met.")
    add("follow-up", "followed_up", "Somebody followed up.")

    @app.post("/api/leads/{lead_id}/comment", dependencies=[Token])
    async def comment(lead_id: str, actor: Human, said: Commented, key: Key = "") -> JSONResponse:
        """What the member thinks of the lead's score, summary or route."""
        return await _sent(commands, "comment", lead_id, actor, said.model_dump(exclude_none=True), key)


def _add_moves(app: FastAPI, commands: CommandSender, leads: Leads) -> None:
    @app.post("/api/leads/{lead_id}/reassign", dependencies=[Token])
    async def reassign(lead_id: str, actor: Human, given: Given, key: Key = "") -> JSONResponse:
        """A person gives the lead to a member, by their id or name."""
        owner = _member(given.owner, await leads.members())
        return await _sent(commands, "reassign", lead_id, actor, {"owner": owner, "reason": given.reason}, key)

    @app.get("/api/commands/{command_id}", dependencies=[Token])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a command that was answered with 202."""
        return _answered(await commands.outcome(_id(command_id)))


async def _sent(
    commands: CommandSender, name: str, lead_id: str, actor: Actor, arguments: JsonValue, key: str
) -> JSONResponse:  # fmt: skip
    command_id = ids.derived_id("command", "router", actor.id, key) if key else clock.new_id()
    return _answered(await commands.send("router", name, _id(lead_id), actor, arguments, None, command_id))


def _answered(result: CommandResult) -> JSONResponse:
    """The outcome as HTTP; a refusal says what happened and who has the lead now."""
    answer = result.answer
    if not result.done or result.refused is not None or not isinstance(answer, Mapping):
        return command_response(result)
    if answer.get("status") != "refused":
        return command_response(result)
    code = str(answer.get("code"))
    told = {name: value for name, value in answer.items() if name not in ("status", "code")}
    return JSONResponse({"command_id": result.command_id, "error": code, **told}, _STATUS_OF.get(code, 409))


def _listed(
    row: LeadRow, policies: PolicyVersions, exceptions: Sequence[DayException], now: datetime, member: str | None
) -> Shown:  # fmt: skip
    return lead_shown(row, policies.by_hash(stored_lead(row).policy_hash), exceptions, now, member)


def _member(named: str, names: Mapping[str, str]) -> str:
    """The id of the member whom an id or a name means. Raises BadRequest when it is none or several."""
    if named in names:
        return named
    found = [one for one, name in names.items() if name.casefold() == named.casefold()]
    if len(found) != 1:
        problem = "no member has that id or name" if not found else "several members have that name: say the id"
        raise BadRequest(422, "no_member", problem)
    return found[0]


def _place(after: str) -> tuple[str, str]:
    due, mark, lead_id = after.partition("|")
    if not after:
        return BEGINNING
    if not mark or not (due == "infinity" or _is_time(due)):
        raise BadRequest(422, "invalid", "after: take it from `next` of the page before")
    return due, _id(lead_id)


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _place_of(row: LeadRow) -> str:
    return f"{row.due_at.isoformat() if row.due_at else 'infinity'}|{row.lead_id}"


def _id(text: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > 128:
        raise BadRequest(404, "not_found", "that can't be an id of ours")
    return text
