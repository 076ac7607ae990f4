"""`policy show|history`: a published version, and all of them."""

from typing import Annotated

import typer

from cli.client import running
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.policies import NEWEST, by_hash, publication_named, publications
from cli.score.history import on_kafka
from libs.contracts.events import PolicyPublished
from libs.policy.load import load_policy
from libs.policy.problems import PolicyError


def show(
    data: Data,
    version: Annotated[
        str, typer.Argument(metavar="[HASH]", help="The beginning of a hash; default: the newest.")
    ] = NEWEST[0],
    files: Annotated[bool, typer.Option("--files", help="The text of its files, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a published policy: who published it, when, why, and with which launch mode."""
    kafka = running(data).kafka
    held = by_hash(on_kafka(kafka, publications(kafka)))
    if not held:
        raise CliError("no policy has been published", f"data folder {data}", "run `./signalbox policy publish`")
    event = publication_named(version, held)
    if as_json:
        print_json(event.model_dump(mode="json"))
        return
    out.print(
        f"{event.policy_hash}\n  by {event.author} at {event.published_at:%Y-%m-%d %H:%M:%S} UTC: {event.reason}",
        markup=False,
    )
    policy = load_policy(event.files)
    out.print(f"  mode {policy.launch.mode.value}, {len(policy.routing.rules)} routing rules, {len(event.files)} files")
    for file, text in sorted(event.files.items()) if files else ():
        out.print(f"\n# --- {file}\n{text}", markup=False)


def history(data: Data, as_json: AsJson = False) -> None:
    """List every publication, newest first: version, who, when, why, launch mode."""
    kafka = running(data).kafka
    held = on_kafka(kafka, publications(kafka))
    if as_json:
        print_json([_row(one) for one in reversed(held)])
        return
    table = PlainTable("version", "published (UTC)", "by", "role", "mode", "why")
    for one in reversed(held):
        at = f"{one.published_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(one.policy_hash[:12], at, one.author, one.role, _mode(one.files), one.reason)
    out.print(table)


def _row(one: PolicyPublished) -> dict[str, object]:
    return {
        "hash": one.policy_hash, "author": one.author, "at": one.published_at, "role": one.role, "mode": _mode(one.files),
        "reason": one.reason,
    }  # fmt: skip


def _mode(files: dict[str, str]) -> str:
    """A version that this Signalbox can't read any more is still listed."""
    try:
        return load_policy(files).launch.mode.value
    except PolicyError:
        return "not readable"
