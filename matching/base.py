"""The record base as tables in DuckDB: what is compared of every contact and company, and the keys that bring pairs together.

Records are read as dedupe reads them (`services/dedupe/domain`), so that a training and a lead see the same spellings.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import RecordChanged
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.comparison import company_facts, contact_facts
from services.dedupe.domain.crm_records import delta_of
from services.dedupe.domain.known import Known
from services.dedupe.domain.records import Company, Contact

Say = Callable[[str], None]
SAY_EVERY = 100_000
TEXTS = pa.list_(pa.string())
CONTACT = pa.schema(
    [
        ("unique_id", pa.string()), ("emails", TEXTS), ("custom_ids", TEXTS), ("name_key", pa.string()),
        ("phone", pa.string()), ("company_key", pa.string()), ("company_id", pa.string()), ("keys", TEXTS),
    ]
)  # fmt: skip
COMPANY = pa.schema(
    [
        ("unique_id", pa.string()), ("company_key", pa.string()), ("domains", TEXTS), ("typed_domains", TEXTS),
        ("country", pa.string()), ("keys", TEXTS),
    ]
)  # fmt: skip


@dataclass
class Base:
    """Contacts and companies by id, as the last word about each said."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)

    def learn(self, event: RecordChanged) -> None:
        """Take a record's new state in; an older one than is known changes nothing."""
        known = Known(contacts=self.contacts, companies=self.companies)
        if (delta := delta_of(event, known)) is None:
            return
        self.contacts.update({one.contact_id: one for one in delta.contacts})
        self.companies.update({one.company_id: one for one in delta.companies})
        for gone in delta.gone:
            self.contacts.pop(gone, None)
            self.companies.pop(gone, None)


def read_csv(path: Path, kind: str) -> Iterator[RecordChanged]:
    """The rows of a CSV file as records of that type ("contact", "company").

    Columns bear the names of the record's fields (`name`, `email`, `phone`, `company`, `company_id`, `custom_id`; `domain`,
    `country`) and `id`; without `id` the row's number is the id. Raises OSError and ValueError (no header, not UTF-8).
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not reader.fieldnames:
            raise ValueError(f"{path.name} has no header line")
        for number, row in enumerate(reader, start=2):
            fields = {name: value for name, value in row.items() if name and value}
            record = RecordRef(type=kind, id=fields.pop("id", "") or f"{kind}:{number}")
            yield RecordChanged(
                event_id=record.id, record=record, version=1, fields=dict(fields), actor=Actor(kind="rule", id="csv")
            )


def load(connection: duckdb.DuckDBPyConnection, base: Base, say: Say) -> None:
    """Make the tables `contact` and `company` of a base."""
    _make(connection, "contact", CONTACT, (_contact_row(one) for one in base.contacts.values()), say)
    _make(connection, "company", COMPANY, (_company_row(one) for one in base.companies.values()), say)


Row = tuple[object, ...]


def _contact_row(one: Contact) -> Row:
    facts = contact_facts(one)
    keys = [key for key in one.all_keys() if not key.startswith("custom:")]
    return (
        one.contact_id, _list(facts.emails), _list(facts.custom_ids), facts.name_key or None, facts.phone or None,
        facts.company_key or None, facts.company_id or None, _list(keys),
    )  # fmt: skip


def _company_row(one: Company) -> Row:
    facts = company_facts(one)
    keys = [*one.all_keys(), *(str(block) for block in one.blocks())]
    return (
        one.company_id, facts.company_key or None, _list(facts.domains), _list(facts.typed_domains),
        facts.country or None, _list(keys),
    )  # fmt: skip


def _list(values: Iterable[str]) -> list[str] | None:
    return list(values) or None


def _make(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Iterable[Row], say: Say) -> None:
    batch: list[Row] = []
    total = 0
    insert(connection, name, schema, [])
    for row in rows:
        batch.append(row)
        total += 1
        if len(batch) == SAY_EVERY:
            insert(connection, name, schema, batch, again=True)
            batch = []
            say(f"{total:,} of table {name} are normalised")
    insert(connection, name, schema, batch, again=True)
    _keep_telling_keys(connection, name)
    say(f"{total:,} rows in table {name}")


def insert(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: list[Row], again: bool = False
) -> None:
    """Put rows into a table of this schema; a new one unless `again`."""
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    table = pa.table(
        [pa.array(column, held) for column, held in zip(columns, schema.types, strict=True)], schema=schema
    )
    connection.register("sb_incoming", table)
    how = f"insert into {name}" if again else f"create or replace table {name} as"
    connection.execute(f"{how} select * from sb_incoming")  # noqa: S608 - ours
    connection.unregister("sb_incoming")


def _keep_telling_keys(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop the keys that nobody shares, and those that so many share that they say nothing, as the online index does."""
    connection.execute(
        f"create or replace table {name} as with each as (select unique_id, unnest(keys) as key from {name}), "  # noqa: S608
        f"telling as (select key from each group by key having count(*) between 2 and {MAX_COMMON}), "
        f"kept as (select unique_id, list(key order by key) as keys from each join telling using (key) group by unique_id) "
        f"select t.* replace (k.keys as keys) from {name} t left join kept k using (unique_id)"
    )
