"""The dry run: what intake would make of each row, who that is to dedupe, and who stands in the file twice."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cli.lead_import.body import Layout, misfits
from cli.lead_import.door import Door, Item, Services
from cli.lead_import.state import Checked, ImportState, Verdict
from cli.tables.table import Table
from libs.identity.mail import mailbox_key
from libs.identity.names import name_key

BATCH = 100
"""Rows in one question to intake: some 50 ms of its time, in which posts of others wait."""
_BODY = 500_000
_ASKED = ("email", "phone", "name", "first_name", "last_name", "company", "domain", "website", "country", "custom_id")
"""What dedupe is told of a row: what it compares."""
_RULES = {
    "exact_email": "same e-mail address",
    "email_and_name": "same e-mail address and name",
    "role_mailbox": "same role mailbox",
    "shared_mailbox": "same e-mail address, another name",
    "address_of_several": "an e-mail address of several people",
    "custom_id": "same id",
    "typed_id": "same id, but another name and number",
    "ids_disagree": "id and e-mail address are of different people",
    "similar_person": "alike",
    "new_evidence": "kept apart before, and new evidence now",
}
"""Dedupe's rules in a marketer's words."""
_VERDICT_OF: Mapping[str, Verdict] = {"new": "new", "duplicate": "known", "ambiguous": "possible"}
OnRows = Callable[[int], None]


@dataclass(frozen=True)
class Import:
    """What is imported, and where to."""

    table: Table
    layout: Layout
    door: Door
    api: Services
    state: ImportState

    def mapped(self, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Item]:
        """What intake would make of these rows."""
        told: list[Item] = []
        for piece in _by_size([(self.layout.delivery_id(row), self.layout.value(row, cells)) for row, cells in rows]):
            told += self.door.mapped(self.api, piece)
        return told


def check(job: Import, on_rows: OnRows) -> None:
    """Say of every row what it is; goes on after the last row that was looked at."""
    after = job.state.last_checked()
    rows = ((row, cells) for row, cells in job.table.rows() if row > after)
    while batch := list(islice(rows, BATCH)):
        job.state.keep(*_checked(job, batch))
        on_rows(len(batch))


def fields_of(item: Item) -> dict[str, Any]:
    """The values of a lead by field; none of what is no lead."""
    return {name: fact["value"] for name, fact in item["fields"].items()} if item["item"] == "lead" else {}


def person_of(fields: Mapping[str, Any]) -> str:
    """What makes two rows one person: the mailbox; without one, number and name together. Empty when nothing does."""
    if address := mailbox_key(str(fields.get("email") or "")):
        return f"email:{address}"
    number, name = str(fields.get("phone") or ""), name_key(str(fields.get("name") or ""))
    return f"phone:{number}|{name}" if number.startswith("+") and name else ""


def figures_of(fields: Mapping[str, Any]) -> Iterator[str]:
    """What is counted in a lead's fields: consent as the mapper read it, and numbers that nobody could call."""
    consent = fields.get("consent")
    yield "consent_unsaid" if consent is None else "consent_yes" if consent is True else "consent_no"
    if fields.get("do_not_mail") is True:
        yield "do_not_mail"
    if fields.get("phone") and not str(fields["phone"]).startswith("+"):
        yield "phone_unclear"


def taken_for(job: Import, rows: Sequence[tuple[int, Sequence[str]]], items: Iterable[Item]) -> dict[int, Counter[str]]:
    """By column's place: the fields that intake took from it, each with the number of rows."""
    by_key = {one.key: one.place for one in job.layout.columns if one.key and not one.aside}
    found: dict[int, Counter[str]] = {}
    for _, item in zip(rows, items, strict=True):
        for field, fact in item["fields"].items() if item["item"] == "lead" else ():
            for place in _places(fact["where"], by_key):
                found.setdefault(place, Counter())[field] += 1
    return found


def _places(where: str, by_key: Mapping[str, int]) -> list[int]:
    """The columns that a place in a body names: one, or two that were joined, or a line inside one."""
    if where in by_key:
        return [by_key[where]]
    bare = where.rpartition(" (")[0]
    if bare in by_key:
        return [by_key[bare]]
    parts = where.split(", ")
    for cut in range(1, len(parts)):
        first, second = ", ".join(parts[:cut]), ", ".join(parts[cut:])
        if first in by_key and second in by_key:
            return [by_key[first], by_key[second]]
    return []


def _checked(job: Import, batch: Sequence[tuple[int, list[str]]]) -> tuple[list[Checked], list[str]]:
    found: list[Checked] = []
    fit: list[tuple[int, list[str]]] = []
    separator = "" if job.table.encoding == "xlsx" else job.table.separator
    for row, cells in batch:
        if wrong := misfits(job.layout.columns, cells, separator):
            found.append(Checked(row, "broken", wrong))
        else:
            fit.append((row, cells))
    people: list[tuple[int, dict[str, Any], str]] = []
    firsts: dict[str, int] = {}
    figures: list[str] = []
    for (row, _), item in zip(fit, job.mapped(fit), strict=True):
        if item["item"] != "lead":
            found.append(Checked(row, *_aside(item)))
            continue
        fields = fields_of(item)
        figures += figures_of(fields)
        person = person_of(fields)
        if person and (first := firsts.get(person) or job.state.row_of(person)):
            found.append(Checked(row, "doubled", f"the same person as in row {first}"))
            continue
        firsts |= {person: row} if person else {}
        people.append((row, fields, person))
    return [*found, *_previewed(job, people)], figures


def _aside(item: Item) -> tuple[Verdict, str]:
    if item["item"] == "unmapped":
        return "unreachable", str(item["reason"])
    return "no_lead", f"{item.get('disposition', item['item'])}: {item['reason']}"


def _previewed(job: Import, people: Sequence[tuple[int, dict[str, Any], str]]) -> Iterator[Checked]:
    if not people:
        return
    records = [{name: fields[name] for name in _ASKED if fields.get(name)} for _, fields, _ in people]
    answers = job.api.post("dedupe", "/api/preview", {"type": "contact", "records": records})["records"]
    for (row, _, person), answer in zip(people, answers, strict=True):
        verdict = _VERDICT_OF[answer["verdict"]]
        candidates = answer["candidates"] if verdict != "new" else []
        contact = str(candidates[0]["record"]["id"]) if candidates else None
        yield Checked(row, verdict, _why(answer, candidates), contact, person or None)


def _why(answer: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> str:
    """Why dedupe holds a row for somebody known, or perhaps known; of a new person, the company that is known."""
    if not candidates:
        return f"company:{answer['company_id']} is known" if answer.get("company_id") else ""
    rule = _RULES.get(answer["rule"], str(answer["rule"]).replace("_", " "))
    if answer["verdict"] == "duplicate":
        return rule
    named = [
        f"{one['record']['type']}:{one['record']['id']} ({one['match_probability']:.0%})" for one in candidates[:3]
    ]
    return f"{rule}: {', '.join(named)}"


def _by_size(
    bodies: Sequence[tuple[str, Mapping[str, object]]],
) -> Iterator[Sequence[tuple[str, Mapping[str, object]]]]:
    """The bodies in pieces that intake takes at once."""
    piece: list[tuple[str, Mapping[str, object]]] = []
    size = 0
    for delivery, value in bodies:
        own = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        if piece and size + own > _BODY:
            yield piece
            piece, size = [], 0
        piece.append((delivery, value))
        size += own
    if piece:
        yield piece
