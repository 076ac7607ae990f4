"""Reading records: one, lists with filters, and the timeline of a contact or a company."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse

from libs.contracts.change import RecordRef
from libs.runtime.http import BadRequest, Shows, View, may
from services.crm.domain.commands import CrmRecordType
from services.crm.domain.links import is_record_id
from services.crm.domain.page import Filter, Page, Timeline
from services.crm.domain.record import FieldMeta, RecordState
from services.crm.settings import CrmSettings

PEOPLE: Mapping[str, CrmRecordType] = {"contacts": "contact", "companies": "company"}
_FILTERED = {"company": "company_id", "contact": "contact_id"}
"""Filters that are called otherwise than the field that they ask about."""
Party = Literal["contacts", "companies"]


class RecordPages(Protocol):
    """Where records are read."""

    async def one(self, ref: RecordRef) -> RecordState | None:
        """The record, deleted ones too."""
        ...

    async def page(self, record_type: str, limit: int, after: str, wanted: Filter) -> Page:
        """The next records of a type by id."""
        ...

    async def timeline(self, ref: RecordRef, limit: int, before: str) -> Timeline:
        """The newest activities, or those before the activity with an id, and what is open."""
        ...


def add_reads(app: FastAPI, records: RecordPages, settings: CrmSettings) -> None:
    """The routes that change nothing."""

    @app.get("/api/records/{record_type}/{record_id}", dependencies=[may("read")])
    async def one(record_type: CrmRecordType, record_id: str, view: Shows) -> JSONResponse:
        """One record with where each value came from; its version is the ETag."""
        state = await _existing(records, record_ref(record_type, record_id))
        await view.shows([state.ref])
        return JSONResponse(shown(state, view), headers={"ETag": f'"{state.version}"'})

    @app.get("/api/records/{record_type}", dependencies=[may("read")])
    async def page(
        record_type: CrmRecordType,
        view: Shows,
        limit: Annotated[int, Query(ge=1)] = 100,
        after: str = "",
        email: str = "",
        domain: str = "",
        owner: str = "",
        company: str = "",
        contact: str = "",
        stage: str = "",
        name: str = "",
        updated_since: str = "",
    ) -> JSONResponse:
        """Records of a type by id, all or those that fit every filter; `next` is the `after` of the next page."""
        texts = {
            "after": after, "email": email, "domain": domain, "owner": owner, "company": company, "contact": contact,
            "stage": stage, "name": name,
        }  # fmt: skip
        clean = _clean(texts)
        view.refuse_hidden(
            record_type, [_FILTERED.get(name, name) for name, text in texts.items() if text and name != "after"]
        )
        wanted = Filter(
            clean["email"], clean["domain"], clean["owner"], clean["company"], clean["contact"], stage=clean["stage"],
            name=clean["name"], updated_since=_since(updated_since),
        )  # fmt: skip
        return await _listed(records, record_type, min(limit, settings.page_max), after, wanted, view)

    @app.get("/api/opportunities", dependencies=[may("read")])
    async def opportunities(
        view: Shows,
        limit: Annotated[int, Query(ge=1)] = 100,
        after: str = "",
        company: str = "",
        contact: str = "",
        owner: str = "",
        stage: str = "",
        is_open: Annotated[bool | None, Query(alias="open")] = None,
    ) -> JSONResponse:
        """Opportunities of a company, a contact or an owner; `open` asks for those that are, or are no longer."""
        asked = {"company": company, "contact": contact, "owner": owner, "stage": stage}
        clean = _clean({"after": after, **asked})
        view.refuse_hidden("opportunity", [_FILTERED.get(name, name) for name, text in asked.items() if text])
        wanted = Filter(
            owner=clean["owner"], company_id=clean["company"], contact_id=clean["contact"], stage=clean["stage"],
            is_open=is_open,
        )  # fmt: skip
        return await _listed(records, "opportunity", min(limit, settings.page_max), after, wanted, view)

    @app.get("/api/{party}/{record_id}/timeline", dependencies=[may("personal")])
    async def timeline(
        party: Party, record_id: str, view: Shows, limit: Annotated[int, Query(ge=1)] = 50, before: str = ""
    ) -> JSONResponse:
        """What happened with a contact or a company, newest first, its open opportunities and open tasks; `next` is the
        `before` of the next page."""
        ref = record_ref(PEOPLE[party], record_id)
        await _existing(records, ref)
        place = _clean({"before": before})["before"]
        found = await records.timeline(ref, min(limit, settings.page_max), place)
        await view.shows([ref, *(one.ref for one in (*found.activities, *found.opportunities, *found.tasks))])
        return JSONResponse({
            "record": {"type": ref.type, "id": ref.id},
            "items": [_brief(state, view) for state in found.activities],
            "open_opportunities": [_brief(state, view) for state in found.opportunities],
            "open_tasks": [_brief(state, view) for state in found.tasks],
            "next": found.activities[-1].ref.id if found.more else None,
        })  # fmt: skip


async def _existing(records: RecordPages, ref: RecordRef) -> RecordState:
    state = await records.one(ref)
    if state is None:
        raise BadRequest(404, "not_found", f"there is no {ref.type} of that id")
    if state.deleted:
        raise BadRequest(410, "deleted", f"the {ref.type} was deleted; a rollback of that change restores it")
    return state


async def _listed(
    records: RecordPages, record_type: CrmRecordType, limit: int, after: str, wanted: Filter, view: View
) -> JSONResponse:
    found = await records.page(record_type, limit, after, wanted)
    await view.shows(state.ref for state in found.records)
    following = found.records[-1].ref.id if found.more else None
    return JSONResponse({"items": [shown(state, view) for state in found.records], "next": following})


def _clean(texts: Mapping[str, str]) -> dict[str, str]:
    for name, text in texts.items():
        if "\x00" in text:
            raise BadRequest(422, "invalid", f"{name}: holds a NUL character")
    return {name: text.strip() for name, text in texts.items()}


def _since(text: str) -> datetime | None:
    """A time from a query, in which a `+` may have come as a blank."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text.strip())
    except ValueError:
        raise BadRequest(422, "invalid", "updated_since: a time as 2026-11-02T10:00:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def record_ref(record_type: CrmRecordType, record_id: str) -> RecordRef:
    """The record that a path names. Raises BadRequest for an id that no record has."""
    if not is_record_id(record_id):
        raise BadRequest(404, "not_found", f"that can't be the id of a {record_type}")
    return RecordRef(type=record_type, id=record_id)


def _brief(state: RecordState, view: View) -> dict[str, Any]:
    fields = view.fields(state.ref.type, state.fields)
    return {"type": state.ref.type, "id": state.ref.id, "version": state.version, "fields": fields}


def shown(state: RecordState, view: View) -> dict[str, Any]:
    """A record as JSON, with where each value came from; masked as the asker is shown it."""
    return {
        **_brief(state, view),
        "meta": {name: _shown_meta(meta) for name, meta in state.meta.items()},
        "locked": sorted(state.locks),
    }


def _shown_meta(meta: FieldMeta) -> dict[str, Any]:
    return {
        "source": meta.source.model_dump(mode="json"),
        "confidence": meta.confidence,
        "verified_by": meta.verified_by,
        "change_id": meta.change_id,
        "actor": meta.actor.model_dump(mode="json"),
        "at": meta.at.isoformat(),
        "version": meta.version,
    }
