"""One lead's journey as the audit service tells it, for a terminal: score row by row, every rule that was asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from cli.client import Api
from cli.console import PlainTable, shown


def journey_of(told: dict[str, Any], names: Mapping[str, str], *, changes: int = 12) -> RenderableType:
    """The journey, newest version; at most `changes` of its field changes. `names` are members by id."""
    parts: list[RenderableType] = [Text(f"Lead {told['lead_id']}", style="bold")]
    if told.get("submission"):
        parts.append(_submission(told))
    if told["routes"]:
        newest = told["routes"][-1]
        parts += [
            _identity(newest),
            *_account(newest),
            *_classification(newest),
            _score(newest),
            *_route(newest, names),
        ]
    parts += _changes(told, changes)
    parts += [_step(step) for step in told.get("triage", [])]
    return Group(*parts)


def member_names(api: Api) -> dict[str, str]:
    """The members' names by id."""
    members = api.get("crm", "/api/records/member", limit=500)["items"]
    return {member["id"]: str(member["fields"].get("name", member["id"])) for member in members}


def _submission(told: dict[str, Any]) -> RenderableType:
    held = told["submission"]
    position = held["position"]
    times = f", received {len(told['received'])} times" if len(told.get("received", [])) > 1 else ""
    return Text(
        f"submission {held['submission_id']} at {held['received_at']}{times}\n"
        f"  bytes kept at {position['topic']}[{position['partition']}]@{position['offset']}, sha256 {held['sha256'][:16]}…",
        style="dim",
    )


def _identity(version: dict[str, Any]) -> RenderableType:
    identity = version["identity"] or {}
    text = f"identity: {identity.get('verdict', 'unknown')} by {identity.get('rule', '–')}"
    if identity.get("candidates"):
        found = ", ".join(f"{one['record']['type']} {one['match_probability']:.2f}" for one in identity["candidates"])
        text += f" (candidates: {found})"
    return Text(text)


def _account(version: dict[str, Any]) -> Iterator[RenderableType]:
    """The account in sentences, and what providers could not say or do not agree on."""
    for kind, title in (("company", "known of the company"), ("claimed", "what the lead says")):
        told = [one for one in version.get("summary", ()) if one["kind"] == kind]
        if told:
            table = PlainTable(title=title, title_justify="left")
            for name in ("sentence", "where"):
                table.add_column(name)
            for one in told:
                table.add_row(one["text"], ", ".join(evidence["where"] for evidence in one["evidence"]))
            yield table
    missed = [one for one in version["answers"] if one["outcome"] in ("timed_out", "unavailable")]
    for provider in dict.fromkeys(one["provider"] for one in missed):
        reason = next(one["reason"] for one in missed if one["provider"] == provider)
        yield Text(f"{provider} did not answer: {reason}", style="yellow")


def _classification(version: dict[str, Any]) -> Iterator[RenderableType]:
    answer = version["classification"]
    if answer is None:
        return
    table = PlainTable(
        title=f"classified by {answer['model_version']}, confidence {answer['confidence']:.2f}", title_justify="left"
    )
    for name in ("field", "label", "confidence", "because it says"):
        table.add_column(name)
    for field, claim in {**answer["claims"], **answer["flags"]}.items():
        quote = claim["evidence"][0]["quote"] if claim["evidence"] else ""
        table.add_row(field, claim["label"], f"{claim['confidence']:.2f}", shown(quote, 70) if quote else "–")
    yield table
    for kind, claim in answer.get("risks", {}).items():
        quote = claim["evidence"][0]["quote"] if claim["evidence"] else ""
        yield Text(f"risk {kind}: “{shown(quote, 90)}” talks to the machine; it was not listened to", style="bold red")
    if answer.get("shadow"):
        said = ", ".join(f"{field} {label}" for field, label in answer["shadow"]["labels"].items())
        yield Text(f"in shadow, {answer['shadow']['model_version']} says: {said}", style="dim")


def _score(version: dict[str, Any]) -> RenderableType:
    score = version["score"]
    if score is None:
        return Text("no score")
    table = PlainTable(title="score", title_justify="left", show_footer=True)
    total = "not enough data" if score["priority"] is None else str(score["priority"])
    table.add_column("group", footer="priority")
    table.add_column("points", footer=total, justify="right")
    table.add_column("rule", footer="= fit + engagement − risk")
    table.add_column("reason")
    for part in score["parts"]:
        sign = "−" if part["group"] == "risk" else "+"
        table.add_row(part["group"], f"{sign}{abs(part['points'])}", part["rule"], part["reason"])
    return table


def _route(version: dict[str, Any], names: Mapping[str, str]) -> Iterator[RenderableType]:
    route = version["route"]
    owner = names.get(route["owner"]["id"], route["owner"]["id"]) if route["owner"] else "nobody yet"
    yield Panel(
        Text(
            f"{route['destination']} → queue {route['queue'] or '–'}, owner {owner}"
            f"{' (a suggestion)' if route['suggested'] else ''}\n"
            f"rule {route['rule']}: {route['reason']}\n"
            f"confidence {route['confidence']:.2f}, first touch due {route['sla_due_at'] or '–'}"
        ),
        title="route",
        title_align="left",
        expand=False,
    )
    table = PlainTable(title="rules asked, in order", title_justify="left")
    for name in ("rule", "holds", "because"):
        table.add_column(name)
    for tried in route["tried"]:
        holds = {True: "yes", False: "no", None: "unknown"}[tried["matched"]]
        table.add_row(tried["rule"], holds, shown(tried["reason"], 90))
    yield table


def _changes(told: dict[str, Any], limit: int) -> Iterator[RenderableType]:
    changes = told["changes"]
    if not changes:
        return
    title = f"{len(changes)} audited changes" + (f", the last {limit}" if len(changes) > limit else "")
    table = PlainTable(title=title, title_justify="left")
    for name in ("record", "field", "old", "new", "by", "confidence", "status"):
        table.add_column(name)
    for view in changes[-limit:]:
        table.add_row(*change_row(view["change"]))
    yield table


def change_row(change: dict[str, Any]) -> tuple[str, ...]:
    """One audited move of a field as the cells of a row."""
    record, actor = change["record"], change["actor"]
    return (
        record["type"], change["field"], shown(change["old"], 24), shown(change["new"], 36),
        f"{actor['kind']} {shown(actor['id'], 20)}", f"{change['confidence']:.2f}", change["status"],
    )  # fmt: skip


def _step(step: dict[str, Any]) -> RenderableType:
    if step["kind"] == "requested":
        asked = "; ".join(
            f"{question['review']['kind']}: {question['review']['reason']}" for question in step["questions"]
        )
        return Text(f"triage asked (version {step['version']}): {shown(asked, 160)}")
    given = "; ".join(f"{answer['verdict']} {shown(answer.get('value'), 40)}" for answer in step["answers"])
    return Text(f"{step['actor']} decided (version {step['version']}): {given}")
