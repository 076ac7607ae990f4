"""Signatures that the CLI makes are the ones that intake accepts, and a wrong secret is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.signing import Unsigned, signed
from services.intake.connectors import ADAPTERS
from services.intake.domain.request import Request, Secret
from services.intake.domain.verifiers import verify

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECRET = "c2lnbmFsYm94IHRlc3Qgc2VjcmV0IG9mIDMyIGI="
TOOLS = (
    "typeform",
    "tally",
    "webflow",
    "calendly",
    "hubspot_forms",
    "meta_lead_ads",
    "standard_webhooks",
    "google_ads",
)
BODY = '{"google_key":"","name":"Zoë","n":1}'.encode()
URL = "http://127.0.0.1:8000/hooks/x"


def accepted(tool: str, secret: str, received_at: datetime) -> bool:
    headers, body = signed(tool, secret, Unsigned(URL, BODY), NOW)
    held = {name.lower(): value.encode() for name, value in headers.items()}
    request = Request("POST", URL, held, body, received_at)
    return verify(ADAPTERS[tool].verifiers, [Secret("first", SECRET.encode())], request).accepted


@pytest.mark.parametrize("tool", TOOLS)
def test_intake_accepts_what_the_tool_signs(tool: str) -> None:
    assert accepted(tool, SECRET, NOW)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_wrong_secret_is_refused(tool: str) -> None:
    assert not accepted(tool, "bm90IHRoZSBzZWNyZXQ=", NOW)


@pytest.mark.parametrize("tool", ["webflow", "calendly", "hubspot_forms", "standard_webhooks"])
def test_an_old_signature_is_refused(tool: str) -> None:
    assert not accepted(tool, SECRET, NOW + timedelta(minutes=10))


def test_a_tool_that_does_not_sign_sends_what_it_was_given() -> None:
    assert signed("jotform", "", Unsigned(URL, BODY), NOW) == ({}, BODY)
