"""Triage's work over HTTP: claim, release, assign, snooze, wake, comment, take back, unblock; and the list's filters."""

from typing import Annotated, Protocol

from fastapi import FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.runtime.http import BadRequest, CommandSender, Human, Shows, may
from services.triage.bodies import body_of
from services.triage.domain.filters import SEARCH_MAX, SEARCH_MIN, Filters
from services.triage.domain.item import Item
from services.triage.outcomes import answered, command_id_of, lead_id_of
from services.triage.settings import TriageSettings

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
Word = Annotated[str, Query(max_length=200)]


class Items(Protocol):
    """Where an item is read before somebody acts on it."""

    async def one(self, lead_id: str) -> Item | None:
        """The item of a lead."""
        ...


def filters_of(
    view: Shows,
    kind: Word = "",
    queue: Word = "",
    clock_state: Annotated[str, Query(alias="clock", pattern="^(waiting|due soon|overdue|escalated|)$")] = "",
    claimed: Word = "",
    assigned: Word = "",
    snoozed: Annotated[str, Query(pattern="^(no|yes|all)$")] = "no",
    segment: Word = "",
    source: Word = "",
    equality: Word = "",
    search: Annotated[str, Query(max_length=SEARCH_MAX)] = "",
) -> Filters:
    """The filters of a request. `claimed`, `assigned`: `me`, `nobody` or a name. `search`: a part of the person's or the
    company's name, for those who are shown both."""
    wanted = search.strip()
    if wanted:
        view.refuse_hidden("lead", ("name", "company"))
        if len(wanted) < SEARCH_MIN:
            raise BadRequest(422, "invalid", f"search: at least {SEARCH_MIN} characters")
    if any("\x00" in one for one in (kind, queue, claimed, assigned, segment, source, equality, search)):
        raise BadRequest(422, "invalid", "a filter holds a zero byte")
    return Filters(
        kind=kind, queue=queue, clock=clock_state, claimed=claimed, assigned=assigned, snoozed=snoozed, segment=segment,
        source=source, search=wanted, equality=equality, reach=view.caller.queues, person=view.caller.actor.id,
    )  # fmt: skip


def add_work_routes(app: FastAPI, items: Items, commands: CommandSender, settings: TriageSettings) -> None:
    """The routes `POST /api/items/{lead_id}/claim` and so on, one for each act."""

    async def act(name: str, lead_id: str, request: Request, view: Shows, actor: Actor, key: str) -> JSONResponse:
        item = await items.one(lead_id_of(lead_id))
        if item is not None:
            view.refuse_unreached(item.queue, None if item.told is None else item.told.id)
        arguments: JsonValue = await body_of(request, settings.body_max_bytes)
        if not isinstance(arguments, dict):
            raise BadRequest(422, "invalid", "the body is a JSON object, or empty")
        command_id = command_id_of(actor.id, key, name, lead_id)
        return answered(await commands.send("triage", name, lead_id_of(lead_id), actor, arguments, None, command_id))

    def add(name: str, told: str) -> None:
        @app.post(f"/api/items/{{lead_id}}/{name}", dependencies=[may("decide")], name=name, description=told)
        async def route(
            lead_id: str, request: Request, view: Shows, actor: Human, key: IdempotencyKey = ""
        ) -> JSONResponse:
            return await act(name, lead_id, request, view, actor, key)

    add("claim", 'Work on an item: {"take_over"?}. 409 tells who has it and since when.')
    add("release", 'Give it back: {"take_over"?}.')
    add("assign", 'Say whose it is: {"to", "reason"?}; "to" empty: nobody\'s.')
    add("snooze", 'Out of sight: {"until"?: time with offset, "reason"?}; without a time until something new is asked.')
    add("wake", "Back in sight now.")
    add("comment", 'Say something: {"text"}. Comments are only added to.')
    add(
        "undo",
        "Take the own decision back, as long as that goes; the answer says what follows and what can't be undone.",
    )
    add("unblock", 'Let machines write a blocked field again: {"question_id", "reason"?}.')
