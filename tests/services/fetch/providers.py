"""A real HTTP server on loopback that holds three providers to their documented contracts.

Meta (Graph API errors in the body, fields as asked), LinkedIn (version and protocol headers, field projection), HubSpot
(properties as asked). Every call without the right token is refused as that provider refuses it.
"""

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "a page's access token"
APP_SECRET = "an app's secret"
Answer = tuple[int, Any, dict[str, str]]

LEAD = {
    "created_time": "2026-05-04T14:22:00+0000", "ad_id": "9", "ad_name": "Spring", "campaign_name": "Q2 AI Ops",
    "form_id": "77", "is_organic": False, "platform": "fb",
    "field_data": [
        {"name": "email", "values": ["ana@home.example"]}, {"name": "work_email", "values": ["Ana@Acme.com"]},
        {"name": "full_name", "values": ["Ana Ruiz"]}, {"name": "company_name", "values": ["Acme GmbH"]},
        {"name": "which_tools_do_you_use?", "values": ["Zendesk"]},
    ],
}  # fmt: skip
FORM = {
    "id": 7234246, "name": "Webinar May", "hiddenFields": [{"name": "utm_campaign", "value": "q2"}],
    "content": {"questions": [
        {"questionId": 1, "predefinedField": "EMAIL", "question": {"localized": {"de_DE": "E-Mail"}}},
        {"questionId": 2, "predefinedField": "WORK_EMAIL", "question": {"localized": {"de_DE": "Firmen-E-Mail"}}},
        {"questionId": 3, "predefinedField": "FIRST_NAME"}, {"questionId": 4, "predefinedField": "LAST_NAME"},
        {"questionId": 5, "predefinedField": "COMPANY_NAME"},
        {"questionId": 6, "question": {"localized": {"en_US": "Which tools do you use?"}}, "questionDetails": {
            "multipleChoiceQuestionDetails": {"options": [
                {"id": 1, "text": {"localized": {"en_US": "Zendesk"}}}, {"id": 2, "text": {"localized": {"en_US": "Jira"}}},
            ]},
        }},
    ]},
}  # fmt: skip
_SAID = ("ana@home.example", "Ana@Acme.com", "Ana", "Ruiz", "Acme GmbH")
RESPONSE = {
    "submittedAt": 1777904520000, "testLead": False, "leadType": "SPONSORED", "form": FORM,
    "formResponse": {"answers": [
        *({"questionId": n + 1, "answerDetails": {"textQuestionAnswer": {"answer": text}}} for n, text in enumerate(_SAID)),
        {"questionId": 6, "answerDetails": {"multipleChoiceAnswer": {"options": [2, 1]}}},
    ]},
}  # fmt: skip
CONTACT = {
    "email": "Ana@Acme.com", "firstname": "Ana", "lastname": "Ruiz", "company": "Acme GmbH", "phone": None,
    "createdate": "2026-05-04T14:22:00.000Z", "hs_analytics_first_url": "https://acme.example/?utm_source=ads",
    "hs_object_id": "1", "secret_note": "not asked for",
}  # fmt: skip


@dataclass
class Providers:
    """Where they are, what each object's next calls are answered instead, which objects are deleted, and every call."""

    url: str = ""
    first: dict[str, list[Answer]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    token: str = TOKEN
    lock: threading.Lock = field(default_factory=threading.Lock)

    def accounts(self, token: str = TOKEN) -> dict[str, dict[str, str]]:
        """What fetch.json says, for one source of each provider."""
        return {
            "meta_lead_ads": {"token": token, "base_url": f"{self.url}/graph", "app_secret": APP_SECRET},
            "linkedin_lead_sync": {"token": token, "base_url": f"{self.url}/rest"},
            "hubspot_events": {"token": token, "base_url": f"{self.url}/hubspot"},
        }

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """The answer to one GET."""
        parts = urlsplit(path)
        name = unquote(parts.path.rpartition("/")[2])
        with self.lock:
            self.calls.append(name)
            self.paths.append(path)
            if self.first.get(name):
                return self.first[name].pop(0)
        query = {key: held[0] for key, held in parse_qs(parts.query).items()}
        ok = headers.get("authorization") == f"Bearer {self.token}"
        if parts.path.startswith("/graph/v"):
            return self._meta(name, query, ok)
        if parts.path.startswith("/rest/leadFormResponses/"):
            return self._linkedin(name, query, headers, ok)
        if parts.path.startswith("/hubspot/crm/v3/objects/contacts/"):
            return self._hubspot(name, query, ok)
        return 404, {"message": "no such path"}, {}

    def _meta(self, name: str, query: dict[str, str], ok: bool) -> Answer:
        proof = hmac.new(APP_SECRET.encode(), self.token.encode(), "sha256").hexdigest()
        if not ok or query.get("appsecret_proof") != proof:
            return 400, {"error": {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}}, {}
        if name in self.deleted:
            return 400, {"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}}, {}
        asked = query["fields"].split(",")
        return 200, {"id": name, **{key: value for key, value in LEAD.items() if key in asked}}, {}

    def _linkedin(self, name: str, query: dict[str, str], headers: dict[str, str], ok: bool) -> Answer:
        if not ok:
            return 401, {"serviceErrorCode": 65600, "message": "Invalid access token", "status": 401}, {}
        if not headers.get("linkedin-version", "").isdigit() or headers.get("x-restli-protocol-version") != "2.0.0":
            return 426, {"message": "a version is required"}, {}
        if name in self.deleted:
            return 404, {"message": "Not Found", "status": 404}, {}
        wanted = query.get("fields", "")
        return 200, {"id": name, **{key: value for key, value in RESPONSE.items() if key in wanted}}, {}

    def _hubspot(self, name: str, query: dict[str, str], ok: bool) -> Answer:
        if not ok:
            return 401, {"status": "error", "category": "INVALID_AUTHENTICATION"}, {}
        if name in self.deleted:
            return 404, {"status": "error", "message": "resource not found"}, {}
        asked = {"hs_object_id", *query["properties"].split(",")}
        held = {key: value for key, value in CONTACT.items() if key in asked}
        return 200, {"id": name, "properties": held, "createdAt": "2026-05-04T14:22:00Z", "archived": False}, {}


@contextmanager
def providers() -> Iterator[Providers]:
    """The three providers until the block ends."""
    held = Providers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, more = held.answer(self.path, {name.lower(): value for name, value in self.headers.items()})
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **more}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
