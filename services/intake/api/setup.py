"""For whoever sets a source up: what each tool needs, and trying a body out without keeping it."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, JsonValue

from libs.runtime.http import may
from services.intake.api.hooks import PREFIX
from services.intake.domain.adapter import Adapter
from services.intake.domain.request import Request
from services.intake.domain.sources import Source
from services.intake.domain.trial import described, tried


class TryRequest(BaseModel):
    """A request as its tool sends it, signed or not."""

    body_base64: str
    headers: dict[str, str] = {}
    query: str = ""
    token: str = ""
    """What follows the source's name in the path."""


def add_setup(
    api: FastAPI,
    source_of: Callable[[str], Source | None],
    adapters: Mapping[str, Adapter],
    base_url: str,
    max_body_bytes: int,
    now: Callable[[], datetime],
) -> None:
    """Add the routes."""

    @api.get("/api/presets", dependencies=[may("operate")])
    async def presets() -> list[dict[str, JsonValue]]:
        return [_preset(adapter) for adapter in adapters.values()]

    @api.post("/api/sources/{name}/try", dependencies=[may("operate")])
    async def try_out(name: str, asked: TryRequest) -> dict[str, JsonValue]:
        source = source_of(name)
        if source is None:
            raise HTTPException(404, {"error": "not_found", "message": "there is no such source, or it is off"})
        try:
            body = base64.b64decode(asked.body_base64, validate=True)
        except binascii.Error:
            raise HTTPException(422, {"error": "bad_body", "message": "body_base64 is not base64"}) from None
        if len(body) > max_body_bytes:
            raise HTTPException(413, {"error": "too_large", "message": f"a body has at most {max_body_bytes} bytes"})
        return _told(source, _request(source.name, asked, body, base_url, now()))


def _request(name: str, asked: TryRequest, body: bytes, base_url: str, at: datetime) -> Request:
    path = f"{PREFIX}{name}" + (f"/{asked.token}" if asked.token else "")
    uri = f"{base_url}{path}" + (f"?{asked.query}" if asked.query else "")
    headers = {key.lower(): value.encode("utf-8", "replace") for key, value in asked.headers.items()}
    return Request("POST", uri, headers, body, at, asked.query, asked.token)


def _told(source: Source, request: Request) -> dict[str, JsonValue]:
    trial = tried(source, request)
    return {
        "source": source.name,
        "adapter": source.adapter.name,
        "accepted": trial.accepted,
        "status": trial.status,
        "trust": trial.trust,
        "secret": trial.secret,
        "delivery_id": trial.delivery_id,
        "items": [described(item) for item in trial.items],
    }


def _preset(adapter: Adapter) -> dict[str, JsonValue]:
    preset = adapter.preset
    if preset is None:
        return {"name": adapter.name, "title": adapter.name}
    return {
        "name": adapter.name,
        "title": preset.title,
        "setup": list(preset.setup),
        "sample_base64": base64.b64encode(preset.sample).decode(),
        "content_type": preset.content_type,
        "kind": preset.kind,
        "trust": preset.trust,
        "secret": preset.secret,
        "defaults": dict(preset.defaults),
    }
