"""`policy check|publish|show`: is the policy sound, make it the one that decides, and which one does."""

import asyncio
import difflib
from typing import Annotated

import typer

from cli import policy_shadow
from cli.client import Api, running
from cli.console import out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data, PolicyFolder
from cli.publish import newest_published
from cli.publish import publish as publish_files
from cli.ready.command import refuse_unready
from cli.up import policy_files
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from services.intake.connectors import ADAPTERS

app = typer.Typer(help="The policy: check, publish, show.", no_args_is_help=True)


app.command()(policy_shadow.shadow)
app.command()(policy_shadow.promote)


@app.command()
def check(policy: PolicyFolder) -> None:
    """Load the policy; every problem is named with file, line and column."""
    found = load_policy(policy_files(policy))
    check_adapters(found)
    out.print(
        f"the policy is sound: {found.hash[:12]}, mode {found.launch.mode.value}, {len(found.routing.rules)} routing rules"
    )


@app.command()
def publish(
    policy: PolicyFolder,
    data: Data,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, for the audit log.")
    ] = "published from the command line",
    author: Annotated[str, typer.Option("--author", help="Who, for the audit log.")] = "cli",
    accept_risk: Annotated[
        str, typer.Option("--accept-risk", metavar="REASON", help="Go past *suggested* though `ready` says no.")
    ] = "",
) -> None:
    """Make the policy the one that new leads are stamped with; past *suggested* only when suppression and rollback are live."""
    files = policy_files(policy)
    loaded = load_policy(files)
    check_adapters(loaded)
    policy_hash = loaded.hash
    with Api.of(data, author) as api:
        refuse_unready(api, loaded, accept_risk)
    told = f"{reason}; risk accepted: {accept_risk.strip()}" if accept_risk.strip() else reason
    published = asyncio.run(publish_files(running(data).kafka, files, author, told))
    out.print(f"{policy_hash[:12]} " + ("is published" if published else "is the newest already"))


def check_adapters(policy: Policy) -> None:
    """Raises CliError when a source names an adapter that there is not: intake would refuse all that is posted to it."""
    for name, source in policy.sources.sources.items():
        if source.adapter not in ADAPTERS:
            near = difflib.get_close_matches(source.adapter, ADAPTERS, 1)
            do = f"did you mean {near[0]}? Else choose from " if near else "choose from "
            raise CliError(
                f"source {name} names the adapter {source.adapter!r}, which there is not",
                f"sources.yaml, sources.{name}.adapter",
                do + ", ".join(sorted(ADAPTERS)),
            )


@app.command()
def show(data: Data, as_json: AsJson = False) -> None:
    """Show the newest published policy."""
    newest = asyncio.run(newest_published(running(data).kafka))
    if newest is None:
        raise CliError("no policy has been published", f"data folder {data}", "run `./signalbox policy publish`")
    if as_json:
        print_json(newest.model_dump(mode="json"))
        return
    policy = load_policy(newest.files)
    out.print(
        f"{newest.policy_hash}\n  by {newest.author} at {newest.published_at:%Y-%m-%d %H:%M:%S} UTC: {newest.reason}"
    )
    out.print(
        f"  mode {policy.launch.mode.value}, {len(policy.routing.rules)} routing rules, {len(newest.files)} files"
    )
