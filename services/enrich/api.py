"""Enrich's API: the company directory that people load. Every write is a command, and its outcome the answer."""

from typing import Any, Protocol, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from libs.contracts.places import places
from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.identity.companies import company_key
from libs.identity.domains import site_domain
from libs.runtime.health import Health
from libs.runtime.http import BadRequest, CommandSender, Human, command_response, may, new_app
from services.enrich.domain.directory import FORGET, LOAD, ForgetArguments, Listed, LoadArguments

BODY_LIMIT = 1024 * 1024
Arguments = TypeVar("Arguments", bound=BaseModel)


class Directory(Protocol):
    """Where the directory is read."""

    async def rows(self, domains: Any, name_keys: Any) -> Any:
        """The rows of these domains, and of these names."""
        ...

    async def loads(self) -> list[dict[str, Any]]:
        """All loads, the newest first."""
        ...


def create_app(directory: Directory, commands: CommandSender, api_token: str, health: Health) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox enrich", api_token, health)

    @app.get("/api/companies", dependencies=[may("operate")])
    async def loads(domain: str = "", name: str = "") -> JSONResponse:
        """The files that were loaded; with `domain` or `name` the rows of that company."""
        if not (domain or name):
            held = await directory.loads()
            told = [{**one, **{name: _iso(one[name]) for name in ("loaded_at", "removed_at")}} for one in held]
            return JSONResponse({"loads": told})
        asked, key = site_domain(domain), company_key(name) if name else ""
        by_domain, by_name = await directory.rows([asked] if asked else [], [key] if key else [])
        return JSONResponse({"rows": [_row(one) for one in (*by_domain.get(asked, ()), *by_name.get(key, ()))]})

    @app.post("/api/companies", dependencies=[may("operate")])
    async def load(request: Request, actor: Human) -> JSONResponse:
        """Add rows: {"load_id", "file", "rows": [{"line", "domain"?, "fields"}]}, at most 500. The same rows again change
        nothing; what does not fit is told by its line and sinks nothing else."""
        asked = _asked(LoadArguments, await request.body())
        key = request.headers.get("Idempotency-Key")
        return command_response(
            await commands.send("enrich", LOAD, asked.load_id, actor, asked.model_dump(mode="json"), command_id=key)
        )

    @app.delete("/api/companies/{load_id}", dependencies=[may("operate")])
    async def forget(load_id: str, actor: Human) -> JSONResponse:
        """Take all rows of a load away; values that leads got from them stay, with their evidence."""
        try:
            asked = ForgetArguments(load_id=load_id)
        except ValidationError:
            raise BadRequest(404, "not_found", "that is not the id of a load") from None
        return command_response(
            await commands.send("enrich", FORGET, asked.load_id, actor, asked.model_dump(mode="json"))
        )

    @app.get("/api/commands/{command_id}", dependencies=[may("operate")])
    async def outcome(command_id: str) -> JSONResponse:
        """What became of a write that was answered with 202."""
        return command_response(await commands.outcome(command_id))

    return app


def _asked(model: type[Arguments], body: bytes) -> Arguments:
    if len(body) > BODY_LIMIT:
        raise BadRequest(413, "too_large", f"the body may have {BODY_LIMIT} bytes: send fewer rows at a time")
    try:
        return model.model_validate(parse_strict(body).value)
    except StrictJsonError as error:
        raise BadRequest(400, "bad_json", f"the body is not acceptable JSON: {error}") from None
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False, include_context=False)
        problems = places(told)
        raise BadRequest(422, "invalid", "the request does not fit", problems) from None


def _row(row: Listed) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("load_id", "line", "domain", "name", "where")}
    return {**told, "fields": dict(row.fields)}


def _iso(at: Any) -> str | None:
    return None if at is None else str(at.isoformat())
