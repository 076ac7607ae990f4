"""Recorded-style bodies of form, ad and CRM tools: tests/corpora/webhooks/<tool>/<case>.<json|form|multipart>, and what each
case should lead to in the tool's expected.json. All people are made up."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.request import Request
from tests.paths import ROOT
from tests.services.intake.samples import AT, request

FOLDER = ROOT / "tests" / "corpora" / "webhooks"
OURS = "777"
"""The user under which the recorded own writes were made."""


@dataclass(frozen=True)
class Recorded:
    """One recorded body of a tool."""

    tool: str
    case: str
    content_type: str
    raw: bytes

    @property
    def body(self) -> Body:
        return parse_body(self.raw, self.content_type)

    def request(self, **more: Any) -> Request:
        return request(more.pop("raw", self.raw), headers={"Content-Type": self.content_type}, **{"at": AT, **more})

    def delivery_id(self, **more: Any) -> str | None:
        """As the receiver asks for it: with the value where the body plainly is JSON."""
        value = json.loads(self.raw) if self.content_type == "application/json" else None
        return ADAPTERS[self.tool].delivery_id(self.request(**more), value)


def recorded() -> list[Recorded]:
    """All recorded bodies, in order of their names."""
    return [
        Recorded(path.parent.name, path.stem, _content_type(path.suffix, path.read_bytes()), path.read_bytes())
        for path in sorted(FOLDER.glob("*/*"))
        if path.name != "expected.json" and path.parent.name in ADAPTERS
    ]


def rules(tool: str, **more: Any) -> IntakeSource:
    return IntakeSource(**{"adapter": tool, "trust": 0.8, "kind": "contact_form", "own_ids": [OURS], **more})


def items(tool: str, body: Body, **more: Any) -> list[Item]:
    return list(map_body(ADAPTERS[tool], body, rules(tool, **more)))


def told(item: Item) -> JsonValue:
    """An item in the words of expected.json."""
    match item:
        case LeadFacts():
            fields = {name: fact.value for name, fact in item.fields.items()}
            at = item.submitted_at.isoformat() if item.submitted_at else None
            return {"kind": item.kind, "form": item.form, "at": at, "fields": fields}
        case NotALead():
            return str(item.disposition)
        case Unmapped():
            return "unmapped"
        case _:
            return type(item).__name__


def _content_type(suffix: str, raw: bytes) -> str:
    if suffix == ".multipart":
        return "multipart/form-data; boundary=" + raw.splitlines()[0].removeprefix(b"--").decode()
    return {".json": "application/json", ".form": "application/x-www-form-urlencoded"}[suffix]
