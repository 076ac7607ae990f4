"""`companies import|list|show|remove`: the company directory that enrichment looks companies up in."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import PlainTable, err, out, print_json, shown
from cli.crm import mapped
from cli.crm_import import report
from cli.crm_import.columns import Column
from cli.crm_import.values import fields_of
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.tables.table import Table, opened
from libs.identity.domains import site_domain

app = typer.Typer(help="The company directory: companies that you know, for enrichment.", no_args_is_help=True)
AT_ONCE = 500
"""Rows in one request."""
MOST_PROBLEMS = 20
"""Rows that did not fit which are printed; the others are counted."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A table with headings: CSV, or the first sheet of an XLSX file.")],
    data: Data,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", "-m", metavar="COLUMN=FIELD", help="What a column is; an empty FIELD leaves it out."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the columns are.")] = False,
    actor: Actor = "cli",
) -> None:
    """Load a file of companies; the same file again changes nothing. A newer file's row counts before an older one's."""
    table = opened(file)
    columns = mapped(table, "directory", mapping or ())
    report.show_mapping(out, columns, table.first(3))
    if dry_run:
        return
    problems: list[str] = []
    loaded = sent = 0
    with Api.of(data, actor) as api:
        for rows in batches(table, columns, problems):
            body = {"load_id": table.sha256[:32], "file": file.name, "rows": rows}
            answer = api.post("enrich", "/api/companies", body)["answer"]
            sent, loaded = sent + len(rows), loaded + answer["loaded"]
            problems += answer["problems"]
            err.print(f"  {sent:,} rows are sent")
    out.print(f"{loaded:,} companies of {file.name} are in the directory (load {table.sha256[:32]})")
    for problem in problems[:MOST_PROBLEMS]:
        err.print(f"  left out: {problem}", markup=False)
    if len(problems) > MOST_PROBLEMS:
        err.print(f"  … and {len(problems) - MOST_PROBLEMS:,} more")
    if not loaded:
        raise typer.Exit(1)


def batches(table: Table, columns: Sequence[Column], problems: list[str]) -> Iterator[list[dict[str, Any]]]:
    """The rows as the API takes them, some at a time; what a cell does not fit is told in `problems` and left out."""
    held: list[dict[str, Any]] = []
    for number, row in table.rows():
        fields, wrong = fields_of(columns, row)
        problems += [f"line {number}: {one}" for one in wrong]
        domain = fields.pop("domain", "") or fields.get("website", "")
        if "name" in fields:
            fields["company"] = fields.pop("name")
        if fields or domain:
            held.append({"line": number, "domain": str(domain)[:253], "fields": fields})
        if len(held) == AT_ONCE:
            yield held
            held = []
    if held:
        yield held


@app.command("list")
def list_(data: Data, as_json: AsJson = False) -> None:
    """The files that were loaded."""
    with Api.of(data) as api:
        loads = api.get("enrich", "/api/companies")["loads"]
    if as_json:
        print_json(loads)
        return
    table = PlainTable("load", "file", "rows", "loaded", "by", "")
    for one in loads:
        gone = f"removed {one['removed_at'][:16]} by {one['removed_by']}" if one["removed_at"] else ""
        table.add_row(one["load_id"], one["file"], f"{one['rows']:,}", one["loaded_at"][:16], one["actor"], gone)
    out.print(table if loads else "nothing is loaded: signalbox companies import FILE")


@app.command()
def show(
    domain: Annotated[str, typer.Argument(help="A company's domain.")], data: Data, as_json: AsJson = False
) -> None:
    """What the directory holds of a company."""
    if not site_domain(domain):
        raise CliError(f"{domain!r} is no domain", "companies show", "name it as in example.com")
    with Api.of(data) as api:
        rows = api.get("enrich", "/api/companies", domain=domain)["rows"]
    if not rows:
        raise CliError(f"{domain} is not in the directory", "companies show", "load a file: signalbox companies import")
    if as_json:
        print_json(rows)
        return
    for row in rows:
        table = PlainTable(title=row["where"], title_justify="left")
        table.add_column("field")
        table.add_column("value")
        for name, value in row["fields"].items():
            table.add_row(name, shown(value, 80))
        out.print(table)


@app.command()
def remove(
    load_id: Annotated[str, typer.Argument(help="The load's id, as `companies list` shows it.")], data: Data, actor: Actor = "cli"
) -> None:  # fmt: skip
    """Take a load's companies out again. Leads keep what they got from it, with the evidence."""
    with Api.of(data, actor) as api:
        held = next((one for one in api.get("enrich", "/api/companies")["loads"] if one["load_id"] == load_id), None)
        if held is None or held["removed_at"]:
            raise CliError(f"no load {load_id} is in the directory", "companies remove", "signalbox companies list")
        api.post("enrich", f"/api/companies/{load_id}", method="DELETE")
    out.print(f"the {held['rows']:,} companies of {held['file']} are gone from the directory")
