"""`policy publish|rollback`: make a version the one that decides, after showing what changes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.client import Api, running
from cli.console import out
from cli.errors import CliError
from cli.options import Data, PolicyFolder
from cli.policies import by_hash, publication_named, publications
from cli.policy.check import checked, tell
from cli.policy.diff import told
from cli.publish import publish as publish_files
from cli.ready.command import refuse_unready
from cli.score.history import on_kafka
from cli.up import policy_files
from libs.contracts.events import PolicyPublished
from libs.policy.differences import differences
from libs.policy.load import load_policy
from libs.policy.policy import Policy

Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]
Author = Annotated[str, typer.Option("--author", help="Who, for the audit log.")]


AcceptRisk = Annotated[
    str, typer.Option("--accept-risk", metavar="REASON", help="Go past *suggested* though `ready` says no.")
]


def publish(
    policy: PolicyFolder, data: Data, reason: Reason, author: Author = "cli", accept_risk: AcceptRisk = ""
) -> None:
    """Make the policy the one that new leads are stamped with; what it changes is shown.

    Refused when it is not sound, and past *suggested* while suppression or rollback are not live.
    """
    files = policy_files(policy)
    found = checked(files)
    tell(found)
    if found.policy is None or found.of("error"):
        count = len(found.of("error"))
        raise CliError(f"the policy is not published: {count} errors", str(policy), "correct what is named above")
    put_in_force(data, files, found.policy, author, reason, accept_risk)


def rollback(
    data: Data,
    reason: Reason,
    author: Author = "cli",
    version: Annotated[
        str | None, typer.Argument(metavar="[HASH]", help="The version; default: the one before the newest.")
    ] = None,
    accept_risk: AcceptRisk = "",
) -> None:
    """Publish an earlier version again, as it was; leads that came meanwhile keep the policy that they came in with."""
    held = _published(running(data).kafka)
    chosen = publication_named(version, by_hash(held)) if version else before_newest(held)
    put_in_force(data, chosen.files, load_policy(chosen.files), author, reason, accept_risk)


def before_newest(held: Sequence[PolicyPublished]) -> PolicyPublished:
    """The publication before the newest that says something else. Raises CliError when there is none."""
    for event in reversed(held):
        if event.policy_hash != held[-1].policy_hash:
            return event
    raise CliError("there is no version to go back to", "policy.published.v1", "look at `./signalbox policy history`")


def _published(kafka: str) -> Sequence[PolicyPublished]:
    """What was published to decide, oldest first; not what was only tried."""
    return [event for event in on_kafka(kafka, publications(kafka)) if event.role == "live"]


def put_in_force(
    data: Path, files: Mapping[str, str], policy: Policy, author: str, reason: str, accept_risk: str
) -> None:
    """Show what changes, and publish, if what the launch mode needs is live. Raises CliError when it is not."""
    if not reason.strip():
        raise CliError("a policy is published for a reason", "--reason", "say in a few words why it changes")
    kafka, risk = running(data).kafka, accept_risk.strip()
    held = _published(kafka)
    if held and held[-1].policy_hash == policy.hash:
        out.print(f"{policy.hash[:12]} is the newest already")
        return
    if held:
        _tell_change(load_policy(held[-1].files), policy)
    with Api.of(data, author) as api:
        lacking = refuse_unready(api, policy, risk)
    on_kafka(kafka, publish_files(kafka, files, author, f"{reason}; risk accepted: {risk}" if risk else reason))
    out.print(f"{policy.hash[:12]} is published")
    for check in lacking:
        lack = f"{policy.launch.mode.value} still lacks: {check.name} ({check.looked_at}); {check.do}"
        out.print(lack, style="yellow", markup=False)


def _tell_change(newest: Policy, policy: Policy) -> None:
    for line in told(differences(newest, policy)):
        out.print(line, markup=False)
    before, after = newest.launch.mode, policy.launch.mode
    if before is not after:
        out.print(f"the launch mode goes from {before.value} to {after.value}", style="bold")
