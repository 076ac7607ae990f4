"""`classify versions|shadow|promote`: which model decides, what another one would have said, and making it decide."""

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.classify.ask import named_model
from cli.classify.files import models_of
from cli.client import running
from cli.console import ID_WIDTH, PlainTable, err, out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.publish import newest_published, publish
from cli.score.history import on_kafka, routed_leads
from libs.contracts.lead import Classification, Lead
from libs.policy.load import load_policy
from libs.policy.policy import Policy

FILE = "classification.yaml"
SHOWN = 20
Version = Annotated[str, typer.Argument(metavar="VERSION", help="A model, as `classify versions` lists it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]


def versions(data: Data) -> None:
    """List the models that there are, and what the published policy says of them."""
    try:
        policy = _published(data)[0]
    except CliError as error:
        policy = None
        err.print(f"which of them decides is not known: {error}", markup=False)
    for version in models_of(data).versions():
        out.print(f"{version}  {_part_of(version, policy)}".rstrip(), markup=False)


def shadow(
    data: Data,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", help="Try this version from now on.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Try none any more.")] = False,
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """Without VERSION: how far the model in shadow agreed with the one that decided, over all recorded leads.

    With VERSION: publish the policy with this version in shadow. Its opinion is recorded and decides nothing.
    """
    if version and off:
        raise CliError("a version is tried, or none is", "VERSION and --off", "give one of the two")
    if version or off:
        if version:
            named_model(data, version)
        reason = f"model {version} in shadow" if version else "no shadow"
        _publish_with(data, _published(data), shadow=version, actor=actor, reason=reason)
        return
    found = on_kafka(running(data).kafka, _compared(running(data).kafka))
    if as_json:
        print_json(found)
        return
    if not found["leads"]:
        raise CliError(
            "no lead has an opinion in shadow", f"data folder {data}", "run `signalbox classify shadow VERSION`"
        )
    _show(found)


def promote(version: Version, data: Data, reason: Reason = "", actor: Actor = "cli") -> None:
    """Publish the policy with this version as the model that decides; the change of the policy is in the audit log.

    Another version that is in shadow stays there.
    """
    named_model(data, version)
    held = _published(data)
    tried = held[0].classification.shadow
    kept = None if tried == version else tried
    _publish_with(data, held, model=version, shadow=kept, actor=actor, reason=reason or f"model {version} decides")


def with_models(files: Mapping[str, str], policy: Policy, model: str | None, shadow: str | None) -> dict[str, str]:
    """The policy's files naming these models. Raises PolicyError when they would not load."""
    name = next(file for file in files if file.rpartition("/")[2] == FILE)
    kept = re.sub(r"^(?:model|shadow):[^\n]*\n?", "", files[name], flags=re.MULTILINE).rstrip("\n")
    lines = [kept, f"model: {model or policy.classification.model}", *([f"shadow: {shadow}"] if shadow else [])]
    changed = {**files, name: "\n".join(lines) + "\n"}
    load_policy(changed)
    return changed


def _publish_with(
    data: Path,
    held: tuple[Policy, Mapping[str, str]],
    *,
    actor: str,
    reason: str,
    model: str | None = None,
    shadow: str | None = None,
) -> None:
    policy, files = held
    changed = with_models(files, policy, model, shadow)
    kafka = running(data).kafka
    new = on_kafka(kafka, publish(kafka, changed, actor, reason))
    now = load_policy(changed).classification
    out.print(
        f"{'published' if new else 'is so already'}: {now.model} decides, in shadow {now.shadow or 'none'}; put the same into "
        f"your {FILE}, or the next `policy publish` undoes it",
        markup=False,
    )


def _published(data: Path) -> tuple[Policy, Mapping[str, str]]:
    kafka = running(data).kafka
    newest = on_kafka(kafka, newest_published(kafka))
    if newest is None:
        raise CliError("no policy has been published", f"data folder {data}", "run `./signalbox policy publish`")
    return load_policy(newest.files), newest.files


def _part_of(version: str, policy: Policy | None) -> str:
    if policy is None:
        return ""
    if version == policy.classification.model:
        return "decides"
    return "in shadow" if version == policy.classification.shadow else ""


async def _compared(kafka: str) -> dict[str, Any]:
    """The newest version of every lead that has an opinion in shadow, field by field."""
    newest: dict[str, tuple[Lead, Classification]] = {}
    async for lead, _ in routed_leads(kafka):
        if lead.classification is not None and lead.classification.shadow is not None:
            newest[lead.lead_id] = (lead, lead.classification)
    return compared(list(newest.values()))


def compared(leads: list[tuple[Lead, Classification]]) -> dict[str, Any]:
    """Agreement by the version in shadow and by field, and every lead on which the two models differ."""
    same: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    tried_on: Counter[str] = Counter()
    differences: list[dict[str, str]] = []
    for lead, answer in leads:
        tried = answer.shadow
        if tried is None:
            continue
        tried_on[tried.model_version] += 1
        ours = {name: claim.label for name, claim in answer.claims.items()} | {"flag": _flag(tuple(answer.flags))}
        theirs = {**tried.labels, "flag": _flag(tried.flags)}
        for field in sorted(ours.keys() & theirs.keys()):
            asked[tried.model_version, field] += 1
            same[tried.model_version, field] += ours[field] == theirs[field]
            if ours[field] != theirs[field]:
                message = shown(lead.value("message"), 60)
                row = {"lead": lead.lead_id, "field": field, "decided": ours[field], "shadow": theirs[field]}
                differences.append({**row, "shadow_version": tried.model_version, "message": message})
    versions = {
        version: {
            "leads": tried_on[version],
            "fields": {
                field: {"leads": asked[held, field], "agree": same[held, field]}
                for held, field in sorted(asked)
                if held == version
            },
        }
        for version in sorted(tried_on)
    }
    return {"leads": tried_on.total(), "versions": versions, "differences": differences}


def _flag(flags: tuple[str, ...]) -> str:
    return " ".join(sorted(flags)) or "none"


def _show(found: Mapping[str, Any]) -> None:
    for version, tried in found["versions"].items():
        out.print(f"{version} in shadow, leads: {tried['leads']}", markup=False)
        for field, count in tried["fields"].items():
            out.print(f"  {field:18} {count['agree']} of {count['leads']} the same", markup=False)
        _show_differences([row for row in found["differences"] if row["shadow_version"] == version])


def _show_differences(rows: list[dict[str, str]]) -> None:
    told = f"the first {SHOWN} of " if len(rows) > SHOWN else ""
    table = PlainTable(title=f"{told}{len(rows)} differences", title_justify="left")
    for name in ("lead", "field", "decided", "in shadow", "message"):
        table.add_column(name, min_width=ID_WIDTH if name == "lead" else None)
    for row in rows[:SHOWN]:
        table.add_row(row["lead"], row["field"], row["decided"], row["shadow"], row["message"])
    if rows:
        out.print(table)
