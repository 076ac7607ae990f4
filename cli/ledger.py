"""`ledger`: where every submission and lead is, computed from the topics; exit 1 when one is in no place or in two."""

import asyncio
from dataclasses import dataclass

import typer
from aiokafka.errors import KafkaError
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.client import running
from cli.console import PlainTable, err, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from libs.contracts.codec import UnreadableError, decode, facts_of, is_sealed
from libs.contracts.topics import AUDIT_CHANGE, BY_NAME, SUBMISSION_RECEIVED
from libs.runtime.cluster import read_opened
from libs.runtime.record import Record
from services.audit.domain.ledger import LEDGER_TOPICS, Ledger, LedgerRecord, fold


@dataclass(frozen=True)
class Read:
    """The records that the ledger is folded from, and how many there were that no one can read."""

    records: list[LedgerRecord]
    unreadable: int


def ledger(data: Data, as_json: AsJson = False) -> None:
    """Compute the ledger from the topics and print it; exit 1, with the ids, when it does not balance."""
    found = read_ledger(running(data).kafka)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        out.print(shown(found))
    for problem in problems_of(found):
        err.print(problem)
    if not found.balanced:
        raise typer.Exit(1)


def read_ledger(kafka: str) -> Ledger:
    """The ledger as of now. Raises CliError when Kafka does not answer."""
    return fold(read_books(kafka).records)


def read_books(kafka: str) -> Read:
    """Every record that the ledger counts, as of now. Raises CliError when Kafka does not answer."""
    try:
        return asyncio.run(read_records(kafka))
    except KafkaError as error:
        raise kafka_away(kafka, error) from None


def kafka_away(kafka: str, error: Exception) -> CliError:
    """Kafka does not answer."""
    return CliError(f"Kafka does not answer ({type(error).__name__})", kafka, "look at `./signalbox logs kafka`")


async def read_records(kafka: str) -> Read:
    """Every record that the ledger counts. One that can't be decoded has a dead letter, which counts in its place."""
    records, unreadable = [], 0
    async for record in read_opened(kafka, [topic.name for topic in LEDGER_TOPICS], erased=True):
        if record.topic == AUDIT_CHANGE.name and not _may_count(record):
            continue
        try:
            event = decode(BY_NAME[record.topic], record.value, record.headers)
        except UnreadableError:
            erased = is_sealed(record.value) or is_sealed(facts_of(record.headers))
            unreadable += not erased
            if erased and record.topic == SUBMISSION_RECEIVED.name:
                records.append(LedgerRecord(record.topic, record.partition, record.offset, None, erased=True))
        else:
            records.append(LedgerRecord(record.topic, record.partition, record.offset, event))
    return Read(records, unreadable)


def _may_count(record: Record) -> bool:
    """Of all audited changes the ledger counts one field's; the rest need no decoding, and they are most."""
    return record.value is not None and b"disposition" in record.value


def shown(ledger: Ledger) -> RenderableType:
    """The two equations as a table each."""
    return Group(_items_table(ledger), _leads_table(ledger), verdict_of(ledger))


def verdict_of(ledger: Ledger) -> str:
    """One line: does it balance, and is anything still on its way."""
    if not ledger.balanced:
        return "[bold red]The ledger does not balance.[/]"
    moving = ledger.waiting + ledger.in_flight
    return "[bold green]The ledger balances.[/]" + (
        f" {moving} still on their way." if moving else " Nothing is in flight."
    )


def problems_of(ledger: Ledger) -> list[str]:
    """What is in no place or in two, one line each."""
    lost = [f"in no place: {name}" for name in ledger.in_no_place]
    return lost + [f"in two places: {name}" for name in ledger.in_two_places]


def _items_table(ledger: Ledger) -> Table:
    title = f"{ledger.submissions} submissions hold {ledger.items} items"
    if ledger.erased:
        title += f"; the people of {ledger.erased} were erased"
    table = _table(title)
    table.add_row("redelivered", str(ledger.redelivered), f"{ledger.corrected} of them with other facts: a new version")
    table.add_row("not a lead", str(ledger.not_a_lead), "tests, pings, updates, cancellations, empty bodies")
    note = f"{ledger.dead_letters} of them dead letters" if ledger.dead_letters else "in triage, bytes kept"
    table.add_row("unmapped", str(ledger.unmapped), note)
    table.add_row("leads", str(ledger.leads), "")
    if ledger.waiting:
        table.add_row("waiting", str(ledger.waiting), "not mapped yet")
    total = ledger.redelivered + ledger.not_a_lead + ledger.unmapped + ledger.leads + ledger.waiting
    return _with_sum(table, total, ledger.items)


def _leads_table(ledger: Ledger) -> Table:
    table = _table(f"{ledger.leads} leads are somewhere")
    for destination, number in sorted(ledger.destinations.items(), key=lambda entry: -entry[1]):
        table.add_row(destination, str(number), "")
    table.add_row("in flight", str(ledger.in_flight), "")
    return _with_sum(table, sum(ledger.destinations.values()) + ledger.in_flight, ledger.leads)


def _table(title: str) -> Table:
    table = PlainTable(title=title, title_justify="left", show_header=False)
    table.add_column(min_width=14)
    table.add_column(justify="right")
    table.add_column(style="dim")
    return table


def _with_sum(table: Table, total: int, wanted: int) -> Table:
    table.add_section()
    table.add_row("sum", str(total), Text("" if total == wanted else f"and not {wanted}", style="bold red"))
    return table
