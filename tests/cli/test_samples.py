"""`sources test` for every tool: its sample, signed as the tool signs, is accepted and understood; a forged one is refused."""

import base64
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cli.signing import SIGNED, Unsigned, signed
from libs.policy.sources import IntakeSource
from libs.runtime.health import Health
from libs.runtime.http import new_app
from services.intake.api.setup import add_setup
from services.intake.connectors import ADAPTERS
from services.intake.domain.request import Secret
from services.intake.domain.sources import Source

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECRET = "5ac1" * 12
BASE = "https://leads.example.com"
KEY_PAIRS = ("sendgrid", "highlevel")
"""Tools whose signature needs the private key that only they have."""


def source_of(name: str) -> Source | None:
    if name not in ADAPTERS:
        return None
    rules = IntakeSource(adapter=name, trust=0.5, secret=name, require_signature=True)
    return Source(name, ADAPTERS[name], rules, (Secret("first", SECRET.encode()),), takes_unsigned=False)


async def ask(method: str, path: str, body: Any = None, token: str = "t" * 16) -> httpx.Response:
    api = new_app("t", "t" * 16, Health())
    add_setup(api, source_of, ADAPTERS, BASE, 1_000_000, lambda: NOW)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://t", headers=headers) as client:
        return await client.request(method, path, json=body)


async def tried(name: str, secret: str) -> dict[str, Any]:
    """What intake makes of the tool's sample when it is proven by that secret."""
    preset = ADAPTERS[name].preset
    assert preset is not None
    token = "" if name in SIGNED else secret
    url = f"{BASE}/hooks/{name}" + (f"/{token}" if token else "")
    headers, body = signed(name, secret, Unsigned(url, preset.sample), NOW)
    asked = {
        "body_base64": base64.b64encode(body).decode(),
        "headers": {"Content-Type": preset.content_type, **headers},
        "token": token,
    }
    found: dict[str, Any] = (await ask("POST", f"/api/sources/{name}/try", asked)).raise_for_status().json()
    return found


@pytest.mark.parametrize("name", sorted(set(ADAPTERS) - set(KEY_PAIRS)))
async def test_the_sample_is_accepted_and_understood_and_a_forged_one_refused(name: str) -> None:
    told = await tried(name, SECRET)
    assert (told["accepted"], told["secret"]) == (True, "first")
    assert {item["item"] for item in told["items"]} <= {"lead", "to_fetch"}
    assert told["items"]
    for item in told["items"]:
        assert item["item"] == "to_fetch" or "@example.com" in str(item["fields"]) or item["fields"].get("phone")
    forged = await tried(name, "0bad" * 12)
    assert (forged["accepted"], forged["status"]) == (False, 401)


async def test_the_presets_are_served_without_any_secret() -> None:
    presets = {preset["name"]: preset for preset in (await ask("GET", "/api/presets")).json()}
    assert presets.keys() == ADAPTERS.keys()
    for preset in presets.values():
        assert preset["setup"]
        assert base64.b64decode(preset["sample_base64"])
    assert SECRET not in str(presets)
    assert (await ask("GET", "/api/presets", token="no")).status_code == 401


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("nobody", {"body_base64": ""}, 404),
        ("typeform", {"body_base64": "not base64!"}, 422),
        ("typeform", {"body_base64": "QUFB" * 400_000}, 413),
        ("typeform", {}, 422),
    ],
)
async def test_what_cannot_be_tried_is_said(name: str, body: dict[str, str], status: int) -> None:
    assert (await ask("POST", f"/api/sources/{name}/try", body)).status_code == status


async def test_any_body_can_be_tried() -> None:
    for body in (b"", b"\xff\x00", b"[" * 5000, b"{"):
        asked = {"body_base64": base64.b64encode(body).decode(), "headers": {"Content-Type": "application/json"}}
        told = (await ask("POST", "/api/sources/generic_json/try", asked)).json()
        assert not told["accepted"]
        assert told["items"]
