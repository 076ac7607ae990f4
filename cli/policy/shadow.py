"""`policy shadow|promote`: a policy that is tried beside the one that decides, what it would have done, and making it decide."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import running
from cli.console import ID_WIDTH, PlainTable, out, print_json
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.policies import by_hash, publication_named, publications
from cli.policy.publish import AcceptRisk, Reason, put_in_force
from cli.publish import end_shadow, newest_published, publish
from cli.score.history import on_kafka, routed_leads
from cli.up import policy_files
from libs.contracts.lead import Route
from libs.policy.load import load_policy

SHOWN = 20
Routed = tuple[str, Route]
"""A lead's id and its route."""


def shadow(
    data: Data,
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Try the policy of this folder.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Try none any more.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit log.")] = "",
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """Without DIR: how far the policy in shadow would have routed as the one that decides, over the newest version of
    every lead that both saw. With DIR: try that policy from now on; it decides nothing."""
    if folder and off:
        raise CliError("a policy is tried, or none is", "DIR and --off", "give one of the two")
    kafka = running(data).kafka
    if off:
        ended = on_kafka(kafka, end_shadow(kafka, actor, _reason(reason)))
        out.print("no policy is tried any more" if ended else "none was tried")
        return
    if folder is not None:
        _try(kafka, policy_files(folder), actor, _reason(reason))
        return
    tried = on_kafka(kafka, newest_published(kafka, "shadow"))
    if tried is None:
        raise CliError("no policy is tried", f"data folder {data}", "run `signalbox policy shadow DIR --reason WHY`")
    found = {**compared(on_kafka(kafka, _routes(kafka)), tried.policy_hash), "since": tried.published_at.isoformat()}
    print_json(found) if as_json else _show(found)


def promote(
    version: Annotated[str, typer.Argument(metavar="HASH", help="The beginning of the hash of the policy in shadow.")],
    data: Data,
    reason: Reason,
    actor: Actor = "cli",
    accept_risk: AcceptRisk = "",
) -> None:
    """Let a policy that was tried decide from now on; what people see of it is in the audit log. One that was never tried is
    published (`policy publish`), an earlier one is gone back to (`policy rollback`)."""
    kafka = running(data).kafka
    tried = by_hash([one for one in on_kafka(kafka, publications(kafka)) if one.role == "shadow"])
    if not tried:
        raise CliError("no policy was tried", "policy promote", "run `signalbox policy shadow DIR --reason WHY` first")
    named = publication_named(version, tried)
    put_in_force(data, named.files, load_policy(named.files), actor, reason, accept_risk)


def _reason(text: str) -> str:
    if not text.strip():
        raise CliError("say why", "--reason", "a policy's publication is read again later: give a reason")
    return text.strip()


def _try(kafka: str, files: Mapping[str, str], actor: str, reason: str) -> None:
    tried, live = load_policy(files), on_kafka(kafka, newest_published(kafka))
    if live is None:
        raise CliError("no policy decides yet", "policy shadow", "run `./signalbox policy publish` first")
    if live.policy_hash == tried.hash:
        raise CliError("this policy decides already", tried.hash[:12], "change something in it, then try it")
    new = on_kafka(kafka, publish(kafka, files, actor, reason, "shadow"))
    told = "is tried from now on; `policy shadow` says what it would do" if new else "is tried already"
    out.print(f"{tried.hash[:12]} {told}")


async def _routes(kafka: str) -> list[Routed]:
    """The newest route of every lead."""
    newest: dict[str, Routed] = {}
    async for lead, event in routed_leads(kafka):
        newest[lead.lead_id] = (lead.lead_id, event.route)
    return list(newest.values())


def compared(routes: Iterable[Routed], policy_hash: str) -> dict[str, Any]:
    """How the routes of leads compare with what a policy in shadow said of them: agreement, each way from one place to
    another with its leads, and by the rules that decided. Leads that it did not see, or a person routed, are left out."""
    same, ways, rules = 0, Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    differences: list[dict[str, Any]] = []
    seen = 0
    for lead_id, route in routes:
        tried = route.shadow
        if tried is None or tried.policy_hash != policy_hash:
            continue
        seen += 1
        ours, theirs = place_of(route.destination, route.queue), place_of(tried.destination, tried.queue)
        if ours == theirs:
            same += 1
            continue
        ways[ours, theirs] += 1
        rules[route.rule, tried.rule] += 1
        row = {"lead": lead_id, "from": ours, "to": theirs, "rule": route.rule}
        differences.append({**row, "shadow_rule": tried.rule, "reason": tried.reason})
    return {
        "policy_hash": policy_hash, "leads": seen, "same": same, "agreement": same / seen if seen else None,
        "ways": [{"from": ours, "to": theirs, "leads": count} for (ours, theirs), count in ways.most_common()],
        "rules": [{"rule": ours, "shadow_rule": theirs, "leads": count} for (ours, theirs), count in rules.most_common()],
        "differences": differences,
    }  # fmt: skip


def place_of(destination: str, queue: str | None) -> str:
    """A destination as one word: the queue where one is named."""
    return f"{destination}:{queue}" if queue else destination


def _show(found: Mapping[str, Any]) -> None:
    share = "" if found["agreement"] is None else f", {found['agreement']:.0%} go the same way"
    out.print(f"{found['policy_hash'][:12]} in shadow since {found['since'][:16]}: {found['leads']} leads seen{share}")
    table = PlainTable(title="where it would send leads elsewhere", title_justify="left")
    for name in ("from", "to", "leads"):
        table.add_column(name)
    for way in found["ways"]:
        table.add_row(way["from"], way["to"], str(way["leads"]))
    by_rule = PlainTable(title="by rule", title_justify="left")
    for name in ("rule that decided", "rule in shadow", "leads"):
        by_rule.add_column(name)
    for row in found["rules"]:
        by_rule.add_row(row["rule"], row["shadow_rule"], str(row["leads"]))
    each = PlainTable(title=f"the first {SHOWN} of {len(found['differences'])} leads", title_justify="left")
    each.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("from", "to", "because in shadow"):
        each.add_column(name)
    for row in found["differences"][:SHOWN]:
        each.add_row(row["lead"], row["from"], row["to"], row["reason"])
    if found["ways"]:
        out.print(table, by_rule, each)
