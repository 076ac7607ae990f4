"""`policy publish|rollback`: make a version the one that decides, after showing what changes."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from cli.client import running
from cli.console import out
from cli.errors import CliError
from cli.options import Data, PolicyFolder
from cli.policies import by_hash, publication_named, publications
from cli.policy.check import checked, tell
from cli.policy.diff import told
from cli.publish import publish as publish_files
from cli.score.history import on_kafka
from cli.up import policy_files
from libs.contracts.events import PolicyPublished
from libs.policy.differences import differences
from libs.policy.load import load_policy
from libs.policy.policy import Policy

Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]
Author = Annotated[str, typer.Option("--author", help="Who, for the audit log.")]


def publish(policy: PolicyFolder, data: Data, reason: Reason, author: Author = "cli") -> None:
    """Make the policy the one that new leads are stamped with; what it changes is shown. Refused when it is not sound."""
    files = policy_files(policy)
    found = checked(files)
    tell(found)
    if found.policy is None or found.of("error"):
        count = len(found.of("error"))
        raise CliError(f"the policy is not published: {count} errors", str(policy), "correct what is named above")
    kafka = running(data).kafka
    _made(kafka, files, found.policy, on_kafka(kafka, publications(kafka)), author, reason)


def rollback(
    data: Data,
    reason: Reason,
    author: Author = "cli",
    version: Annotated[
        str | None, typer.Argument(metavar="[HASH]", help="The version; default: the one before the newest.")
    ] = None,
) -> None:
    """Publish an earlier version again, as it was; leads that came meanwhile keep the policy that they came in with."""
    kafka = running(data).kafka
    held = on_kafka(kafka, publications(kafka))
    chosen = publication_named(version, by_hash(held)) if version else before_newest(held)
    _made(kafka, chosen.files, load_policy(chosen.files), held, author, reason)


def before_newest(held: Sequence[PolicyPublished]) -> PolicyPublished:
    """The publication before the newest that says something else. Raises CliError when there is none."""
    for event in reversed(held):
        if event.policy_hash != held[-1].policy_hash:
            return event
    raise CliError("there is no version to go back to", "policy.published.v1", "look at `./signalbox policy history`")


def _made(
    kafka: str, files: Mapping[str, str], policy: Policy, held: Sequence[PolicyPublished], author: str, reason: str
) -> None:
    """Show what changes, and publish."""
    if not reason.strip():
        raise CliError("a policy is published for a reason", "--reason", "say in a few words why it changes")
    if held and held[-1].policy_hash == policy.hash:
        out.print(f"{policy.hash[:12]} is the newest already")
        return
    if held:
        newest = load_policy(held[-1].files)
        for line in told(differences(newest, policy)):
            out.print(line, markup=False)
        if newest.launch.mode is not policy.launch.mode:
            out.print(
                f"the launch mode goes from {newest.launch.mode.value} to {policy.launch.mode.value}", style="bold"
            )
    on_kafka(kafka, publish_files(kafka, files, author, reason))
    out.print(f"{policy.hash[:12]} is published")
