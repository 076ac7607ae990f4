"""What a person does in the demo, through the public API: decide a triage item, mend a mapping, take a change back."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.client import Api
from cli.demo.policy import with_mapping
from cli.demo.posting import Answer
from cli.errors import CliError
from cli.publish import publish

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.2
QUEUE = "inbound_sales"
FIELDS = ("title", "phone", "employees", "industry", "seniority", "country", "city", "use_case", "name")
"""Fields whose rollback is easy to follow, the best first."""


@dataclass(frozen=True)
class Decided:
    """A triage item that was decided: its questions, the answers, and the lead's journey once it had moved on."""

    item: dict[str, Any]
    answers: list[dict[str, Any]]
    journey: dict[str, Any]


@dataclass(frozen=True)
class Redriven:
    """A submission that could not be mapped, and the lead that it became after its mapping was mended."""

    submission_id: str
    lead_id: str
    received_at: str
    journey: dict[str, Any]


@dataclass(frozen=True)
class RolledBack:
    """A change that was taken back: the record before and after, and the field's timeline."""

    record: dict[str, str]
    field: str
    before: Any
    after: Any
    moves: list[dict[str, Any]]


def decide_one(api: Api) -> Decided:
    """Send the most valuable lead that waits for a route to a queue; returns once it is there."""
    items = api.get("triage", "/api/items", limit=200)["items"]
    rows = sorted(items, key=lambda row: (row["suggested"] is None, -row["worth"]))
    for row in rows:
        item = api.get("triage", f"/api/items/{row['lead_id']}")
        answers = [_answer(question) for question in item["questions"]]
        if item["lead"] is None or not any(answer["verdict"] == "route" for answer in answers):
            continue
        before = len(api.get("audit", f"/api/leads/{item['lead_id']}")["routes"])
        body = {"seen_hash": item["question_hash"], "answers": answers}
        api.post("triage", f"/api/items/{item['lead_id']}/decision", body)
        return Decided(item, answers, _moved_on(api, item, before))
    raise CliError("no triage item asks for a route", "triage", "look at `./signalbox triage list` with --keep")


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    """What a careful person would say: a queue for a route, apart when unsure, yes to what is proposed."""
    named, choices = question["question_id"], question["choices"]
    verdicts = [choice.partition(":")[0] for choice in choices]
    if "route" in verdicts:
        return {"question_id": named, "verdict": "route", "value": QUEUE, "reason": "a real request: sales takes it"}
    for verdict in ("keep_apart", "approve", "dismiss", "reject"):
        if verdict in verdicts:
            return {"question_id": named, "verdict": verdict, "reason": "looked at in the demo"}
    return {"question_id": named, "verdict": verdicts[0], "reason": "looked at in the demo"}


def _moved_on(api: Api, item: dict[str, Any], before: int) -> dict[str, Any]:
    """The lead's journey once it was routed again, `before` times having been routed when the answer was given."""

    def moved() -> dict[str, Any] | None:
        journey: dict[str, Any] = api.get("audit", f"/api/leads/{item['lead_id']}")
        routes = journey["routes"]
        on = bool(routes) and not routes[-1]["route"]["suggested"] and routes[-1]["route"]["destination"] != "triage"
        return journey if on and len(routes) > before else None

    journey: dict[str, Any] = _until(moved, f"lead {item['lead_id']} moves on")
    return journey


def mend_and_redrive(api: Api, files: Mapping[str, str], answers: list[Answer]) -> Redriven:
    """Publish a mapping for the field that nobody knew, and map one of the submissions again."""
    receipt = next(answer.body for answer in answers if answer.post.case == "unmappable" and "offset" in answer.body)
    mended = with_mapping(files, "call_form", "phone", "rueckruf")
    asyncio.run(publish(api.stack.kafka, mended, "demo", "rueckruf is the phone to call back"))
    name = receipt["submission_id"]
    place = {"partition": receipt["partition"], "offset": receipt["offset"]}
    kept = api.get("intake", f"/api/submissions/{name}", **place)

    def mapped() -> dict[str, Any] | None:
        """Intake takes a published policy up within about a second: a redrive before that leads to the same question."""
        told = api.post("intake", f"/api/submissions/{name}/redrive", place)
        return _within(3.0, lambda: _routed(api, told["lead_id"]))

    journey = _until(mapped, f"submission {name} is mapped")
    return Redriven(name, journey["lead_id"], kept["received_at"], journey)


def _routed(api: Api, lead_id: str) -> dict[str, Any] | None:
    journey: dict[str, Any] | None = api.find("audit", f"/api/leads/{lead_id}")
    return journey if journey is not None and journey["routes"] else None


def roll_back_one(api: Api, lead_ids: list[str]) -> RolledBack:
    """Take back one change that a lead made to a CRM record; returns once the record shows it."""
    change, plan = _restorable(api, lead_ids)
    record, field = change["record"], change["field"]
    path = f"/api/records/{record['type']}/{record['id']}"
    before = api.get("crm", path)["fields"].get(field)
    restored = plan["items"][0]["restored"]
    order = {"selection": _only(change), "plan_hash": plan["plan_hash"], "reason": "the demo takes a change back"}
    api.post("audit", "/api/rollbacks", order)

    def back() -> list[dict[str, Any]] | None:
        if api.get("crm", path)["fields"].get(field) != restored:
            return None
        told: list[dict[str, Any]] = api.get("audit", f"{path}/timeline", field=field)["items"]
        return told if told[-1]["change"]["source"]["kind"] == "rollback" else None

    moves = _until(back, f"{record['type']} {field} goes back")
    return RolledBack(record, field, before, api.get("crm", path)["fields"].get(field), moves)


def _only(change: dict[str, Any]) -> dict[str, Any]:
    """The selection of one change."""
    return {"change_ids": [change["change_id"]]}


def _restorable(api: Api, lead_ids: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A change that a rollback would take back, with the plan; one that replaced a value before one that filled a gap."""
    views = [view for lead_id in lead_ids for view in api.get("audit", f"/api/leads/{lead_id}")["changes"]]
    found = [view["change"] for view in views if _is_plain(view["change"])]
    for change in sorted(found, key=lambda one: (one["old"] is None, FIELDS.index(one["field"]))):
        plan = api.post("audit", "/api/rollbacks/plan", {"selection": _only(change)})
        if plan["counts"]["restore"] == 1:
            return change, plan
    raise CliError(
        "no lead changed a CRM record", "audit", "look at `./signalbox ledger` and `triage list` with --keep"
    )


def _is_plain(change: dict[str, Any]) -> bool:
    """Whether a machine changed a value of a contact or company that a reader understands."""
    return (
        change["status"] == "applied"
        and change["record"]["type"] in ("contact", "company")
        and change["field"] in FIELDS
        and change["source"]["kind"] not in ("human", "rollback")
        and change["old"] != change["new"]
    )


def _until(found: Callable[[], Any | None], what: str) -> Any:
    held = _within(PATIENCE_SECONDS, found)
    if held is None:
        raise CliError(
            f"waited {PATIENCE_SECONDS:.0f} s in vain: {what}", "demo", "run it with --keep and look at the logs"
        )
    return held


def _within(seconds: float, found: Callable[[], Any | None]) -> Any | None:
    """What `found` finds, asked again until it does or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        held = found()
        if held is not None or time.monotonic() > deadline:
            return held
        time.sleep(LOOK_SECONDS)
