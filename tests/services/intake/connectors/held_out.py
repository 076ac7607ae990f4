"""Bodies written from knowledge of the tools by somebody who had not read the adapters: tests/corpora/held_out/<tool>/NN.json.

`expected` is a list of one expectation an item, each with alternatives split by `|`: a disposition, `notlead` (any
disposition), `unmapped`, `fetch`, `lead`, `lead:<its e-mail or kind>`; or `{"lead": {field: value}}`. Of a lead's own
fields, STRICT ones that are not named must be absent; a value that ends in `?` may be absent as well; `message` lists
texts that must stand in it. All people are made up.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, ToFetch
from services.intake.domain.request import Request
from tests.paths import ROOT
from tests.services.intake.connectors.corpus import rules
from tests.services.intake.samples import AT, request

FOLDER = ROOT / "tests" / "corpora" / "held_out"
STRICT = ("email", "name", "phone", "company", "title")


@dataclass(frozen=True)
class HeldOut:
    """One body and what it should lead to."""

    tool: str
    case: str
    headers: dict[str, str]
    raw: bytes
    expected: list[Any]
    rules: dict[str, Any]

    def request(self, **more: Any) -> Request:
        return request(more.pop("raw", self.raw), headers={**self.headers, **more.pop("headers", {})}, at=AT, **more)

    def items(self) -> list[Item]:
        """What the adapter makes of it, by way of the receiver's kept headers and the mapper's envelope."""
        adapter = ADAPTERS[self.tool]
        body = parse_body(self.raw, self.headers["Content-Type"])
        if adapter.envelop is not None:
            body = adapter.envelop(body, adapter.kept_headers(self.request()))
        return list(map_body(adapter, body, rules(self.tool, **self.rules)))

    def delivery_id(self, **more: Any) -> str | None:
        """As the receiver asks for it."""
        asked = self.request(**more)
        try:
            value = json.loads(asked.body)
        except ValueError:
            value = None
        return ADAPTERS[self.tool].delivery_id(asked, value)


@dataclass(frozen=True)
class Verdict:
    """One thing that was expected: an item's outcome, or a lead's field."""

    tool: str
    case: str
    what: str
    expected: object
    actual: object
    right: bool


def held_out() -> list[HeldOut]:
    """All bodies, in order of their names."""
    return [_read(path) for path in sorted(FOLDER.glob("*/*.json"))]


def verdicts(case: HeldOut) -> Iterator[Verdict]:
    """Right or wrong, one for each item's outcome and each field of a lead."""
    items = case.items()
    yield Verdict(case.tool, case.case, "items", len(case.expected), len(items), len(items) == len(case.expected))
    for item, wanted in zip(items, case.expected, strict=False):
        outcome, actual = "lead" if isinstance(wanted, dict) else str(wanted), _outcome(item)
        right = any(_is(item, one) for one in outcome.split("|"))
        yield Verdict(case.tool, case.case, "outcome", outcome, actual, right)
        if isinstance(wanted, dict) and isinstance(item, LeadFacts):
            yield from _fields(case, item, wanted["lead"])


def _fields(case: HeldOut, item: LeadFacts, wanted: dict[str, Any]) -> Iterator[Verdict]:
    for name in dict.fromkeys((*STRICT, *wanted)):
        want, got = wanted.get(name), item.kind if name == "kind" else _said(item, name)
        yield Verdict(case.tool, case.case, name, want, got, _same(name, want, got))


def _same(name: str, want: Any, got: Any) -> bool:
    if name == "message":
        return all(text in str(got or "") for text in want)
    if not isinstance(want, str):
        return bool(want == got)
    return got in want.rstrip("?").split("|") or (want.endswith("?") and got is None)


def _said(item: LeadFacts, name: str) -> Any:
    if name in item.fields:
        return item.fields[name].value
    parts = [item.fields[part].value for part in ("first_name", "last_name") if part in item.fields]
    return " ".join(map(str, parts)) or None if name == "name" else None


def _is(item: Item, wanted: str) -> bool:
    if wanted.startswith("lead:"):
        return isinstance(item, LeadFacts) and wanted[5:] in (_said(item, "email"), item.kind)
    return wanted == _outcome(item) or (wanted == "notlead" and isinstance(item, NotALead))


def _outcome(item: Item) -> str:
    match item:
        case LeadFacts():
            return "lead"
        case NotALead():
            return str(item.disposition)
        case ToFetch():
            return "fetch"
        case _:
            return "unmapped"


def _read(path: Path) -> HeldOut:
    told = json.loads(path.read_text(encoding="utf-8"))
    raw = base64.b64decode(told["base64"]) if "base64" in told else told["body"].encode()
    return HeldOut(path.parent.name, path.stem, told["headers"], raw, told["expected"], told.get("rules", {}))
