"""`policy check`: is the policy sound; every problem with file, line and column, exit code 2 when there is one."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from cli.console import err, out, print_json
from cli.options import AsJson, PolicyFolder
from cli.up import policy_files
from libs.policy.analysis import Analysis, analysed
from libs.policy.load import documents_of, problem_at
from libs.policy.policy import Policy
from libs.policy.problems import Problem
from services.intake.connectors import ADAPTERS

COLOURS = {"error": "red", "warning": "yellow", "hint": "cyan"}


def check(
    policy: PolicyFolder,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; default: that of --policy.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say all that is wrong with the policy, or odd in it. Exit code 2 when it can't be published."""
    found = checked(policy_files(folder or policy))
    bad = bool(found.of("error")) or (strict and bool(found.of("warning")))
    if as_json:
        print_json(_as_json(found, bad))
    else:
        tell(found)
        if found.policy is not None and not bad:
            out.print(sound(found.policy))
    if bad:
        raise typer.Exit(2)


def checked(files: Mapping[str, str]) -> Analysis:
    """The analysis of a policy, with the adapters that intake really has."""
    found = analysed(files)
    if found.policy is None:
        return found
    source = documents_of(files)["sources"]
    wrong = [
        problem_at(source, ("sources", name, "adapter"), f"{what}: {do}")
        for name, what, do in _adapter_problems(found.policy)
    ]
    return Analysis(found.policy, tuple(sorted((*found.problems, *wrong))))


def tell(found: Analysis) -> None:
    """Print every problem to standard error, a line each, as compilers do."""
    for problem in found.problems:
        err.print(str(problem), style=COLOURS[problem.severity], markup=False)


def sound(policy: Policy) -> str:
    """One line about a policy that holds."""
    rules = len(policy.routing.rules)
    return f"the policy is sound: {policy.hash[:12]}, mode {policy.launch.mode.value}, {rules} routing rules"


def _adapter_problems(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Source, what is wrong with its adapter, and what to do."""
    for name, source in policy.sources.sources.items():
        if source.adapter not in ADAPTERS:
            near = difflib.get_close_matches(source.adapter, ADAPTERS, 1)
            do = f"did you mean {near[0]}? Else choose from " if near else "choose from "
            yield name, f"names the adapter {source.adapter!r}, which there is not", do + ", ".join(sorted(ADAPTERS))


def _as_json(found: Analysis, bad: bool) -> dict[str, object]:
    return {
        "sound": not bad,
        "hash": found.policy.hash if found.policy else None,
        "mode": found.policy.launch.mode.value if found.policy else None,
        "problems": [_problem(problem) for problem in found.problems],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {name: getattr(problem, name) for name in ("file", "line", "column", "severity", "message")}
