"""What people decided in triage, as labelled messages: read off the decided items of triage's API, each decision once."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cli.classify.files import decisions_file
from cli.client import Api
from embedded.files import write_atomically
from libs.contracts.ids import derived_id
from services.classify.labelled import LABELS

VERSION = 1
"""Of the lines' form."""
FACTS = ("title", "company", "employees", "industry", "product", "country")
MODEL = "model"
PAGE = 100


def gathered_decisions(data: Path) -> tuple[int, int]:
    """Write new decisions into the data folder's file. Returns how many were new, and how many it held before."""
    path = decisions_file(data)
    held = {row["decision"]: row for row in _rows(path)}
    before = len(held)
    with Api.of(data) as api:
        for item in _decided(api):
            row = example_of(item)
            if row is not None:
                held.setdefault(row["decision"], row)
    if len(held) > before:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in held.values()))
    return len(held) - before, before


def example_of(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """A decided item as a labelled message; None when nothing was decided about a label, or there is no message."""
    fields = (item.get("lead") or {}).get("fields", {})
    message = fields.get("message", {}).get("value")
    labels = labels_of(item)
    if not isinstance(message, str) or not message.strip() or not labels:
        return None
    facts = {name: str(fields[name]["value"]) for name in FACTS if _is_stated(fields.get(name))}
    return {
        "version": VERSION,
        "decision": derived_id("example", item["lead_id"], str(item["version"]), item["question_hash"]),
        "decided_at": item["closed_at"],
        "decided_by": item["decided_by"],
        "text": message,
        "language": str(fields.get("language", {}).get("value") or ""),
        "facts": {"kind": item["lead"]["kind"], **facts},
        **labels,
    }


def _is_stated(field: Mapping[str, Any] | None) -> bool:
    """Whether a lead's field is a fact; an earlier label of the model's own is none (services/classify/domain/asked.py)."""
    return field is not None and field["value"] is not None and field["source"]["kind"] != MODEL


def labels_of(item: Mapping[str, Any]) -> dict[str, str]:
    """The labels that a person approved or set. A rejection says only what is not so, which is no label.

    Only what a model proposed counts: what a provider found out about the company is not said in the message.
    """
    answers = {answer["question_id"]: answer for answer in item["answers"]}
    found: dict[str, str] = {}
    for question in item["questions"]:
        answer, proposal = answers.get(question["question_id"]), question.get("proposal")
        if answer is None:
            continue
        if proposal is None:
            # an answer about the flag itself says more than where the lead went
            found = _flag_label(item, question, answer) | found
        elif proposal["source"]["kind"] != MODEL:
            continue
        elif proposal["field"] == "spam":
            found.update(_spam_label(proposal, answer))
        elif proposal["field"] in LABELS and answer["verdict"] in ("approve", "edit"):
            label = proposal["new"] if answer["verdict"] == "approve" else answer["value"]
            if isinstance(label, str) and label:
                found[proposal["field"]] = label
    return found


def _spam_label(proposal: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str]:
    said = {"approve": proposal["new"], "edit": answer["value"], "reject": not proposal["new"]}.get(answer["verdict"])
    return {} if said is None else {"flag": "spam" if said is True else "none"}


def _flag_label(item: Mapping[str, Any], question: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, str]:
    """A route into disqualification for a flag: approving it confirms the flag, another route says that there is none."""
    flags = list(((item.get("lead") or {}).get("classification") or {}).get("flags", {}))
    suggested = (item.get("suggested_route") or {}).get("destination")
    if question["review"]["kind"] != "route" or suggested != "disqualified" or len(flags) != 1:
        return {}
    if answer["verdict"] == "approve":
        return {"flag": flags[0]}
    return {"flag": "none"} if answer["verdict"] == "route" else {}


def _decided(api: Api) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = api.get("triage", "/api/items", status="decided", limit=PAGE, after=after)
        for row in page["items"]:
            item = api.find("triage", f"/api/items/{row['lead_id']}")
            if item is not None and item["status"] == "decided":
                yield item
        after = page["next"]
        if not after:
            return


def _rows(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]
