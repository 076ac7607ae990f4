"""Router's REST API: members' leads, why a lead is where it is, and what people do with it, as commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import FastAPI, Header, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, JsonValue

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor, RecordRef
from libs.contracts.notices import NoticeGiven
from libs.runtime import clock
from libs.runtime.commands import CommandResult
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, View, command_response, may, new_app
from libs.runtime.people import Caller
from libs.runtime.policies import PolicyVersions
from services.router.domain.known import Known
from services.router.domain.levels import LOWER, RAISE
from services.router.domain.notices import READ
from services.router.domain.pool_shown import pool_shown
from services.router.domain.records import DayException, LeadRow, stored_lead
from services.router.domain.shown import LeadState, Shown, lead_shown, route_shown
from services.router.settings import RouterSettings

_STATUS_OF = {"invalid": 422, "no_member": 422}
"""Of refusals; all others are 409: the lead is no longer as the person saw it."""
_ENVELOPE = {"event_id", "caused_by", "decided_at"}
BEGINNING = ("-infinity", "")
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]


class Leads(Protocol):
    """Where routed leads are read."""

    async def one(self, lead_id: str) -> LeadRow | None:
        """The newest version of a lead that was routed."""
        ...

    async def page(
        self, member: str | None, state: LeadState, limit: int, after: tuple[str, str], queues: Sequence[str] = ()
    ) -> list[LeadRow]:
        """What is due first, from behind `after` (due time, lead id) on; `queues`: only of these, if any are given."""
        ...

    async def members(self) -> dict[str, str]:
        """The members' names by id."""
        ...

    async def notices(self, member: str, unread: bool, limit: int, after: int) -> list[tuple[int, NoticeGiven]]:
        """What a member should hear, themselves or by their roles, oldest first, with its number."""
        ...

    async def exceptions(self) -> list[DayException]:
        """Days on which calendars have other hours."""
        ...

    async def turns(self) -> Known:
        """Members, days, places and loads: all that a turn depends on."""
        ...

    async def waiting(self) -> dict[str, int]:
        """Leads that wait for a person, by queue."""
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


class Heard(Model):
    """Up to which number a member has read their notices."""

    model_config = ConfigDict(extra="forbid")
    member: str = Field(max_length=128)
    upto: int = Field(ge=0, lt=2**62)


class Stepped(Model):
    """Why a level is changed, and to which lower one."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=2000)
    to: str = Field(default="", max_length=40)


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
    _add_pools(app, leads, policies)
    _add_acts(app, commands, leads)
    _add_moves(app, commands, leads)
    _add_notices(app, commands, leads, settings)
    _add_levels(app, commands)
    return app


def _add_reads(app: FastAPI, leads: Leads, policies: PolicyVersions, settings: RouterSettings) -> None:
    @app.get("/api/leads", dependencies=[may("read")])
    async def page(
        view: Shows, member: str = "", state: LeadState = "active", limit: Annotated[int, Query(ge=1)] = 50, after: str = ""
    ) -> JSONResponse:  # fmt: skip
        """A member's leads, those due first; `next` is the `after` of the next page. A member is an id or a name."""
        names = await leads.members()
        who = _asked_for(view.caller, _member(member, names) if member else None)
        most = min(limit, settings.page_max)
        rows = await leads.page(who, state, most, _place(after), view.caller.queues)
        await view.shows(RecordRef(type="lead", id=row.lead_id) for row in rows)
        exceptions, now = await leads.exceptions(), clock.now()
        shown = [_listed(row, policies, exceptions, now, who, view) for row in rows]
        following = _place_of(rows[-1]) if len(rows) == most else None
        return JSONResponse({"member": who, "items": shown, "names": names, "next": following})

    @app.get("/api/leads/{lead_id}/route", dependencies=[may("personal")])
    async def route(lead_id: str, view: Shows) -> JSONResponse:
        """Why a lead is where it is: rules asked, turn, offers and their ends, clocks."""
        row = await leads.one(_id(lead_id))
        if row is None:
            raise BadRequest(404, "not_found", "no routed lead of that id: it may still be on its way")
        _refuse_unreached(view, row)
        await view.shows([RecordRef(type="lead", id=row.lead_id)])
        policy, owner = policies.by_hash(stored_lead(row).policy_hash), row.route.owner
        name = (await leads.members()).get(owner.id, owner.id) if owner else None
        return JSONResponse({**route_shown(row, policy, await leads.exceptions(), clock.now()), "owner_name": name})


def _add_pools(app: FastAPI, leads: Leads, policies: PolicyVersions) -> None:
    @app.get("/api/pools", dependencies=[may("read")])
    async def pools() -> JSONResponse:
        """Every pool of the policy in force: members with share, load and why not, who is next, what waits."""
        policy, known, waiting, now = policies.newest(), await leads.turns(), await leads.waiting(), clock.now()
        return JSONResponse({"items": [pool_shown(name, policy, known, waiting, now) for name in policy.pools]})

    @app.get("/api/pools/{name}", dependencies=[may("read")])
    async def pool(name: str) -> JSONResponse:
        """One pool."""
        policy = policies.newest()
        if name not in policy.pools:
            raise BadRequest(
                404, "not_found", f"the policy in force has no pool of that name: {', '.join(policy.pools)}"
            )
        return JSONResponse(pool_shown(name, policy, await leads.turns(), await leads.waiting(), clock.now()))


def _add_acts(app: FastAPI, commands: CommandSender, leads: Leads) -> None:
    def add(path: str, name: str, told: str) -> None:
        async def act(lead_id: str, actor: Human, view: Shows, said: Said, key: Key = "") -> JSONResponse:
            names = await leads.members()
            member = _member(said.member, names) if said.member is not None else _as_member(actor, names)
            member = _own(view.caller, member)
            await _refuse_others(view, leads, lead_id)
            arguments = {**said.model_dump(exclude_none=True), "member": member}
            return await _sent(commands, name, lead_id, actor, arguments, key)

        app.post(f"/api/leads/{{lead_id}}/{path}", dependencies=[may("work")], description=told)(act)

    add("accept", "accept", "The member takes the lead that was offered to them; from then on only a person moves it.")
    add("reject", "reject", "The member does not take it, for a reason: the next of the pool or a person gets it.")
    add("touch", "touched", "Somebody spoke to the lead: first touch is met.")
    add("follow-up", "followed_up", "Somebody followed up.")

    @app.post("/api/leads/{lead_id}/comment", dependencies=[may("work")])
    async def comment(lead_id: str, actor: Human, view: Shows, said: Commented, key: Key = "") -> JSONResponse:
        """What the member thinks of the lead's score, summary or route."""
        await _refuse_others(view, leads, lead_id)
        return await _sent(commands, "comment", lead_id, actor, said.model_dump(exclude_none=True), key)


def _add_moves(app: FastAPI, commands: CommandSender, leads: Leads) -> None:
    @app.post("/api/leads/{lead_id}/reassign", dependencies=[may("decide")])
    async def reassign(lead_id: str, actor: Human, view: Shows, given: Given, key: Key = "") -> JSONResponse:
        """A person gives the lead to a member, by their id or name."""
        await _refuse_others(view, leads, lead_id)
        owner = _member(given.owner, await leads.members())
        return await _sent(commands, "reassign", lead_id, actor, {"owner": owner, "reason": given.reason}, key)

    @app.get("/api/commands/{command_id}", dependencies=[may("work")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a command that was answered with 202."""
        return _answered(await commands.outcome(_id(command_id)))


def _add_notices(app: FastAPI, commands: CommandSender, leads: Leads, settings: RouterSettings) -> None:
    @app.get("/api/notices", dependencies=[may("work")])
    async def notices(
        member: str,
        view: Shows,
        unread: bool = True,
        limit: Annotated[int, Query(ge=1)] = 50,
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> JSONResponse:
        """What a member should hear, by their id or name, oldest first; `next` is the `after` of the next page."""
        who = _own(view.caller, _member(member, await leads.members()))
        most = min(limit, settings.page_max)
        found = await leads.notices(who, unread, most, min(after, 2**62))
        await view.shows(RecordRef(type="lead", id=one.lead_id) for _, one in found)
        items = [
            {
                "number": number,
                **one.model_dump(mode="json", exclude=_ENVELOPE),
                "facts": view.fields("lead", one.facts),
            }
            for number, one in found
        ]
        return JSONResponse({"member": who, "items": items, "next": found[-1][0] if len(found) == most else None})

    @app.post("/api/notices/read", dependencies=[may("work")])
    async def read(actor: Human, view: Shows, heard: Heard, key: Key = "") -> JSONResponse:
        """The member has read all up to a number; the mark never goes back."""
        who = _own(view.caller, _member(heard.member, await leads.members()))
        return await _sent(commands, READ, who, actor, {"upto": heard.upto}, key)


def _add_levels(app: FastAPI, commands: CommandSender) -> None:
    @app.post("/api/autonomy/{level_key:path}/raise", dependencies=[may("operate")])
    async def rise(level_key: str, actor: Human, stepped: Stepped, key: Key = "") -> JSONResponse:
        """A workflow goes one step further with a field; into writing by itself only on measured acceptance."""
        return await _sent(commands, RAISE, level_key, actor, {"reason": stepped.reason}, key)

    @app.post("/api/autonomy/{level_key:path}/lower", dependencies=[may("operate")])
    async def lower(level_key: str, actor: Human, stepped: Stepped, key: Key = "") -> JSONResponse:
        """Autonomy taken back, at once: one step down, or to the level that is named."""
        return await _sent(commands, LOWER, level_key, actor, stepped.model_dump(), key)


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
    row: LeadRow, policies: PolicyVersions, exceptions: Sequence[DayException], now: datetime, member: str | None,
    view: View,
) -> Shown:  # fmt: skip
    shown = lead_shown(row, policies.by_hash(stored_lead(row).policy_hash), exceptions, now, member)
    named = view.fields("lead", {name: shown[name] for name in ("name", "company")})
    return {**shown, **named, **({} if view.caller.may("personal") else {"notes": [], "why": ""})}


def _asked_for(caller: Caller, member: str | None) -> str | None:
    """The member whose leads are meant: of a rep their own, whoever is asked for. Raises BadRequest for another's."""
    if caller.role != "rep":
        return member
    if caller.member is None:
        raise BadRequest(
            403, "no_member", f"{caller.actor.id} is a rep of no member: `signalbox access grant --member`"
        )
    if member not in (None, caller.member, caller.actor.id):
        raise BadRequest(403, "not_yours", "a rep sees and does what is their own")
    return caller.member


def _own(caller: Caller, member: str) -> str:
    return _asked_for(caller, member) or member


def _refuse_unreached(view: View, row: LeadRow) -> None:
    owner, told = row.route.owner, row.route.told
    people = (owner.id if owner else None, told.id if told else None, *row.offered)
    view.refuse_unreached(row.route.queue, *people)


async def _refuse_others(view: View, leads: Leads, lead_id: str) -> None:
    """Refuse an act on a lead that is not the asker's. What is not routed yet the command itself refuses."""
    row = await leads.one(_id(lead_id))
    if row is not None:
        _refuse_unreached(view, row)


def _member(named: str, names: Mapping[str, str]) -> str:
    """The id of the member whom an id or a name means. Raises BadRequest when it is none or several."""
    if named in names:
        return named
    found = _named(named, names)
    if len(found) != 1:
        problem = f"{len(found)} members are called" if found else "no member has the id or name"
        raise BadRequest(422, "no_member", f"{problem} {named}{': say the id' if found else ''}")
    return found[0]


def _as_member(actor: Actor, names: Mapping[str, str]) -> str:
    """The member who acts for themselves, by id or by a name that only they have; else the actor's id as it is."""
    found = [actor.id] if actor.id in names else _named(actor.id, names)
    return found[0] if len(found) == 1 else actor.id


def _named(name: str, names: Mapping[str, str]) -> list[str]:
    return [one for one, known in names.items() if known.casefold() == name.casefold()]


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
