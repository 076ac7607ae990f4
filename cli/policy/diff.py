"""`policy diff A B`: what another version says differently, by meaning, and which leads could feel it."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.client import running
from cli.console import out, print_json
from cli.options import AsJson, Data
from cli.policies import files_named, published_policies
from cli.score.history import on_kafka
from libs.contracts.events import PolicyPublished
from libs.policy.differences import Difference, differences
from libs.policy.load import load_policy

Version = "A folder, `newest`, or the beginning of a published hash."


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help=Version)],
    other: Annotated[str, typer.Argument(metavar="B", help=Version)],
    data: Data,
    text: Annotated[bool, typer.Option("--text", help="The lines of the files, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what B says differently from A: rules, fields and rights by meaning, with leads that are moved by it."""
    published = _published(data, (one, other))
    before, after = files_named(one, published), files_named(other, published)
    policies = load_policy(before), load_policy(after)
    found = differences(*policies)
    if as_json:
        print_json([_as_json(difference) for difference in found])
        return
    for line in told(found):
        out.print(line, markup=False)
    if text:
        for line in lines_changed(before, after):
            out.print(line, markup=False)


def told(found: Sequence[Difference]) -> Iterator[str]:
    """A line for each difference, the leads that it moves below it."""
    for difference in found:
        yield str(difference)
        for leads in difference.leads:
            yield f"    {leads}"
    if not found:
        yield "they mean the same"


def lines_changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """The unified diff of the files."""
    old, new = ({file.rpartition("/")[2]: text for file, text in files.items()} for files in (before, after))
    for file in sorted({*old, *new}):
        lines = (old.get(file, "").splitlines(), new.get(file, "").splitlines())
        yield from difflib.unified_diff(*lines, f"a/{file}", f"b/{file}", lineterm="")


def _published(data: Path, names: Sequence[str]) -> Mapping[str, PolicyPublished]:
    """The published policies, when a name needs them: two folders are compared without a stack."""
    if all(Path(name).is_dir() for name in names):
        return {}
    kafka = running(data).kafka
    return on_kafka(kafka, published_policies(kafka))


def _as_json(difference: Difference) -> dict[str, object]:
    names = ("part", "place", "kind", "before", "after", "leads")
    return {name: getattr(difference, name) for name in names} | {"told": str(difference)}
