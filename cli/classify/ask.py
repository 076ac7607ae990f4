"""`classify evaluate` and `classify say`: the model on a labelled file, and on one text."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from cli.classify.files import labelled, models_of
from cli.console import PlainTable, err, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data, PolicyFolder
from cli.up import policy_files
from libs.contracts.change import Evidence
from libs.contracts.lead import Claim, Classification
from libs.policy.load import load_policy
from libs.runtime.errors import Retryable
from services.classify.domain.asked import Asked
from services.classify.domain.injection import masked
from services.classify.domain.model import OfflineModel
from services.classify.domain.offline import classify_offline
from services.classify.report import FieldFigures, figures, judged

Version = Annotated[str | None, typer.Option("--model", help="A version; else the one that the policy names.")]


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled messages, one JSON object a line (docs/labelling.md).")],
    policy: PolicyFolder,
    data: Data,
    model: Version = None,
    as_json: AsJson = False,
) -> None:
    """Measure the model on labelled messages: accuracy, precision, recall, F1 and calibration by field."""
    examples, held = labelled(file), load_policy(policy_files(policy))
    chosen = named_model(data, model or held.classification.model)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("reading", total=len(examples))
        found = figures(judged(chosen, examples, held.taxonomy, lambda: progress.advance(task)))
    if as_json:
        print_json({"model": chosen.version, "messages": len(examples), "fields": [asdict(one) for one in found]})
        return
    show_figures(found, f"{chosen.version} on {len(examples)} messages of {file.name}")


def say(
    text: Annotated[str, typer.Argument(help="What somebody wrote.")],
    policy: PolicyFolder,
    data: Data,
    model: Version = None,
    as_json: AsJson = False,
) -> None:
    """What the model says of a text: labels, how sure, the words that speak for them, and risks."""
    held = load_policy(policy_files(policy))
    answer = classify_offline(question(text), held.taxonomy, named_model(data, model or held.classification.model))
    if as_json:
        print_json(answer.model_dump(mode="json"))
        return
    table = PlainTable(title=f"{answer.model_version}", title_justify="left")
    for name in ("field", "says", "sure", "because of"):
        table.add_column(name)
    for name, claim in rows_of(answer):
        table.add_row(name, claim.label, f"{claim.confidence:.2f}", quotes_of(claim))
    out.print(table)
    route = "to sales" if answer.should_route_to_sales else "not to sales"
    out.print(f"{route}, sure to {answer.confidence:.2f}")


def question(text: str) -> Asked:
    """A text as the service would read it, as the message of a contact form without other facts."""
    found = masked(text)
    risks = {
        kind: Claim(
            label=kind,
            confidence=1.0,
            evidence=tuple(
                Evidence(quote=text[start:end], where=f"lead.message[{start}:{end}]") for start, end in spans
            ),
        )
        for kind, spans in found.risks.items()
    }
    return Asked(found.text, "contact_form", {}, "", risks)


def rows_of(answer: Classification) -> list[tuple[str, Claim]]:
    """Claims, raised flags and risks in the order in which they are shown."""
    found = list(answer.claims.items()) + [("flag", claim) for claim in answer.flags.values()]
    return found + [("risk", claim) for claim in answer.risks.values()]


def quotes_of(claim: Claim) -> str:
    """The words that a claim stands on."""
    return " … ".join(f"“{proof.quote}”" for proof in claim.evidence)


def named_model(data: Path, version: str) -> OfflineModel:
    """The model of a version. Raises CliError that says which there are."""
    models = models_of(data)
    try:
        return models.by_version(version)
    except Retryable:
        known = ", ".join(models.versions())
        raise CliError(f"there is no model {version} here", f"data folder {data}", f"choose from {known}") from None


def show_figures(found: list[FieldFigures], title: str) -> None:
    """The report as tables."""
    table = PlainTable(title=title, title_justify="left")
    for name in ("field", "label", "precision", "recall", "F1", "messages"):
        table.add_column(name, justify="left" if name in ("field", "label") else "right")
    for one in found:
        table.add_row(
            one.field, f"accuracy {one.accuracy:.3f}, calibration error {one.calibration_error:.3f}", "", "", "", ""
        )
        for row in one.labels:
            table.add_row("", row.label, f"{row.precision:.2f}", f"{row.recall:.2f}", f"{row.f1:.2f}", str(row.count))
    out.print(table)
    bins = PlainTable(title="reliability: how often answers of a confidence were right", title_justify="left")
    for name in ("field", "confidence from", "answers", "confidence", "right"):
        bins.add_column(name, justify="right" if name != "field" else "left")
    for one in found:
        for part in one.bins:
            bins.add_row(
                one.field,
                f"{part.confidence_from:.1f}",
                str(part.count),
                f"{part.confidence:.2f}",
                f"{part.accuracy:.2f}",
            )
    out.print(bins)
