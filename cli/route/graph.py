"""`route graph`: the routing rules as a picture, drawn from the policy itself."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.options import PolicyFolder
from cli.route.mermaid import mermaid
from cli.route.steps import steps
from cli.route.svg import svg
from cli.up import policy_files
from libs.policy.load import load_policy


class Format(StrEnum):
    """How the picture is written."""

    MERMAID = "mermaid"
    SVG = "svg"


def graph(
    policy: PolicyFolder,
    as_format: Annotated[Format, typer.Option("--format", help="Text for Mermaid, or a picture.")] = Format.MERMAID,
) -> None:
    """Draw the rules in the order in which they are asked: condition, destination, pool, and where leads wait."""
    rows = steps(load_policy(policy_files(policy)))
    print(mermaid(rows) if as_format is Format.MERMAID else svg(rows), end="")
