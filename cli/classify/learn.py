"""`classify train`: a new version of the built-in model, from the repository's examples, the policy and people's decisions."""

import re
from collections.abc import Iterable
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from cli.classify.ask import show_figures
from cli.classify.decisions import gathered_decisions
from cli.classify.files import decisions_file, labelled, models_folder
from cli.console import out, say
from cli.errors import CliError
from cli.options import Data, PolicyFolder
from cli.up import policy_files
from libs.policy.load import load_policy
from libs.policy.taxonomy import Taxonomy
from services.classify.labelled import UNSEEN, Example, phrase_examples, policy_examples, read_examples, within
from services.classify.report import as_text, figures, judged
from services.classify.store import SHIPPED

DOCS = Path(__file__).resolve().parents[2] / "docs" / "classification.md"
DECISION_WEIGHT = 3.0
"""A person's decision about a real lead counts as three written examples."""
FromDecisions = Annotated[
    bool, typer.Option("--from-decisions", help="Add what people decided in triage, from the running stack.")
]
MoreFiles = Annotated[
    list[Path] | None, typer.Option("--examples", help="More labelled messages, one JSON object a line; repeat it.")
]


Ship = Annotated[
    bool,
    typer.Option(
        "--ship", help="In the repository: make it the shipped model, the policy's, and docs/classification.md."
    ),
]
FIGURES = "<!-- figures: written by `signalbox classify train --ship` -->"


def train(
    policy: PolicyFolder,
    data: Data,
    from_decisions: FromDecisions = False,
    examples: MoreFiles = None,
    ship: Ship = False,
) -> None:
    """Train a new version, measure it on messages that it never saw, and write it into the data folder.

    It decides nothing yet: `classify shadow VERSION` tries it beside the one that decides, `classify promote` makes it decide.
    """
    training = _training()
    held = load_policy(policy_files(policy))
    if from_decisions:
        added, known = gathered_decisions(data)
        say(f"decisions: {added} new, {known} known, in {decisions_file(data)}")
    rows = read_examples() + phrase_examples(held.taxonomy) + policy_examples(held.taxonomy)
    rows += _added(data, examples or (), held.taxonomy)
    unseen = read_examples(UNSEEN)
    say("first on four fifths, to measure on the rest")
    measured = _measured(training, rows, held.taxonomy)
    say("now on all")
    trained = training.train(rows, held.taxonomy, models_folder(data), say)
    version = trained.model.version
    last = figures(judged(trained.model, unseen, held.taxonomy))
    left_out = figures(trained.left_out)
    texts = [
        as_text(left_out, "authors and languages left out of the training in turn"),
        as_text(measured, "a fifth of the examples, left out of the training"),
        as_text(last, "messages written apart, never trained on or chosen by"),
    ]
    told = models_folder(data) / f"{version}.md"
    told.write_text(f"# {version}\n\n{len(rows)} examples.\n\n" + "\n\n".join(texts) + "\n", encoding="utf-8")
    show_figures(last, f"{version} on {len(unseen)} messages written apart")
    if ship:
        _ship(version, models_folder(data), policy, "\n\n".join(texts))
    out.print(
        f"report: {told}\ntry it beside the model that decides: signalbox classify shadow {version}", markup=False
    )


def _ship(version: str, folder: Path, policy: Path, told: str) -> None:
    """The model into the package, its version into the policy's file, its figures into the docs."""
    copyfile(folder / f"{version}.npz", SHIPPED)
    named = policy / "classification.yaml"
    named.write_text(
        re.sub(r"(?m)^model: .*$", f"model: {version}", named.read_text(encoding="utf-8")), encoding="utf-8"
    )
    head, _, _ = DOCS.read_text(encoding="utf-8").partition(FIGURES)
    DOCS.write_text(f"{head}{FIGURES}\n\n## Figures of {version}\n\n{told}\n", encoding="utf-8")


def _added(data: Path, files: Iterable[Path], taxonomy: Taxonomy) -> list[Example]:
    """The examples of named files and of people's decisions, with the labels that the policy has."""
    rows = [row for path in files for row in labelled(path)]
    if decisions_file(data).exists():
        rows += labelled(decisions_file(data), DECISION_WEIGHT)
    kept = [within(row, taxonomy) for row in rows]
    dropped = sum(len(row.labels) - len(left.labels) for row, left in zip(rows, kept, strict=True))
    if dropped:
        say(f"left out: {dropped} labels that taxonomy.yaml does not have")
    return [row for row in kept if row.labels]


def _measured(training: Any, rows: list[Example], taxonomy: Taxonomy) -> Any:
    """What a model says about the fifth that it was trained without; it is thrown away after."""
    with TemporaryDirectory() as folder:  # in the data folder it would be one of the versions
        twin = training.train([row for row in rows if not row.held_out], taxonomy, Path(folder), say)
    held_out = [row for row in rows if row.held_out and row.author not in training.TAUGHT]
    return figures(judged(twin.model, held_out, taxonomy))


def _training() -> Any:
    try:
        from services.classify import train  # noqa: PLC0415 - needs scikit-learn, which only this command installs
    except ModuleNotFoundError as error:
        raise CliError(
            f"training needs {error.name}",
            "no service needs it, so it is not in requirements.txt",
            "call it as `./signalbox classify train`, or `pip install -r requirements-offline.txt`",
        ) from None
    return train
