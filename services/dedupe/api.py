"""Dedupe's API: what records would be if they came in, asked before they are made."""

from typing import Annotated, Any, Literal, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, ValidationError

from libs.contracts.base import Model, PersonalValue
from libs.contracts.places import places
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, may, new_app
from libs.runtime.policies import PolicyVersions
from services.dedupe.domain.known import Known, Wanted
from services.dedupe.domain.preview import Preview, person_behind, previewed, wanted_by

RECORDS_LIMIT = 500
BODY_LIMIT = 1024 * 1024


class KnownReader(Protocol):
    """Where people and companies are read."""

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted, as it stands now."""
        ...


class PreviewRequest(Model):
    """Records as crm would be given them; fields that tell no identity are passed over."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["contact", "company"] = "contact"
    records: Annotated[tuple[dict[str, PersonalValue], ...], Field(min_length=1, max_length=RECORDS_LIMIT)]


def create_app(reader: KnownReader, policies: PolicyVersions, api_token: str, health: Health) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox dedupe", api_token, health)

    @app.post("/api/preview", dependencies=[may("personal")])
    async def preview(request: Request) -> JSONResponse:
        """Per record: new, duplicate or ambiguous, the rule, and the candidates with what was compared. It knows nothing of
        the other records of the request."""
        asked = _asked(await request.body())
        matching = policies.newest().matching
        people = [person_behind(asked.type, place, fields, matching) for place, fields in enumerate(asked.records)]
        known = await reader.known(Wanted.all_of(wanted_by(person) for person in people))
        found = [previewed(asked.type, person, known, matching) for person in people]
        return JSONResponse({"records": [_shown(one) for one in found]})

    return app


def _asked(body: bytes) -> PreviewRequest:
    if len(body) > BODY_LIMIT:
        raise BadRequest(413, "too_large", f"the body may have {BODY_LIMIT} bytes: send fewer records at a time")
    try:
        return PreviewRequest.model_validate(parse_strict(body).value)
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        problems = places(told)
        raise BadRequest(422, "invalid", "the request does not fit", problems) from None


def _shown(found: Preview) -> dict[str, Any]:
    candidates = [one.model_dump(mode="json") for one in found.candidates]
    return {"verdict": found.verdict, "rule": found.rule, "candidates": candidates, "company_id": found.company_id}
