"""Dedupe's rows: what an outcome changes, as it is stored. `store.py` writes them, `rebuild.py` reads them back.

The keys of contacts and companies are no rows here: they are worked out of the rows that they belong to (`keys_of`).
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from pydantic import TypeAdapter

from libs.runtime.rows import Gone, Kept, Row, named
from services.dedupe.domain.records import Company, Contact, Delta, Edit, LeadRow, Related

EDITS = TypeAdapter(tuple[Edit, ...])
CONTACT = (
    "contact_id", "emails", "custom_id", "name", "phone", "company_id", "company_name", "minted_by", "pending", "shared",
    "learned", "version", "fields",
)  # fmt: skip
COMPANY = ("company_id", "domains", "name", "country", "minted_by", "version", "fields")
LEAD = ("lead_id", "version", "facts_hash", "contact_id", "company_id", "email", "lead", "edits")
RELATED = ("record_id", "kind", "about", "version", "reason", "at", "until")
PAIR = ("subject", "record_id", "verdict", "actor_id", "lead_id", "evidence")
RECORD = "record:"
LINK = "link"
"""No table: a lead's version was linked to a contact. A table's worth of them makes `contact_link` (rebuild.py)."""


def rows_of(delta: Delta) -> list[Kept]:
    """All rows that an outcome changes. What is gone goes first: a deleted record may be minted anew."""
    return [*_gone(delta.gone), *_records(delta), *_of_lead(delta)]


def _whose(one: Related) -> str:
    """The person or company whom it is kept for: the first record that it is about, told as a contact (erasure.py)."""
    return next((f"contact:{name.removeprefix(RECORD)}" for name in one.about if name.startswith(RECORD)), "")


def _gone(record_ids: Iterable[str]) -> Iterator[Kept]:
    for record_id in record_ids:
        yield Gone("contact", {"contact_id": record_id})
        yield Gone("company", {"company_id": record_id})


def _records(delta: Delta) -> Iterator[Kept]:
    for contact in delta.contacts:
        yield named("contact", CONTACT, values_of(contact, CONTACT), f"contact:{contact.contact_id}")
    for company in delta.companies:
        yield named("company", COMPANY, values_of(company, COMPANY), f"company:{company.company_id}")
    for one in delta.related:
        yield named("related", RELATED, values_of(one, RELATED), _whose(one))


def _of_lead(delta: Delta) -> Iterator[Kept]:
    if (row := delta.lead) is not None:
        yield named("lead", LEAD, lead_values(row), row.lead_id)
        told = {"lead_id": row.lead_id, "contact_id": row.contact_id, "version": row.version}
        yield Row(LINK, {**told, "rule": delta.link_rule, "linked_by": delta.linked_by}, row.lead_id)
    for subject, record_id in delta.unpaired:
        yield Gone("pair", {"subject": subject, "record_id": record_id}, "" if row is None else row.lead_id)
    for pair in delta.pairs:
        yield named("pair", PAIR, tuple(getattr(pair, column) for column in PAIR), pair.lead_id)


def values_of(row: Contact | Company | Related, columns: Sequence[str]) -> tuple[object, ...]:
    """The row's values of these columns, as the database takes them."""

    def value(column: str) -> object:
        held = getattr(row, column)
        if column == "fields":
            return None if held is None else json.dumps(dict(held))
        return list(held) if isinstance(held, tuple) else held

    return tuple(value(column) for column in columns)


def lead_values(row: LeadRow) -> tuple[object, ...]:
    """A lead's row in the order of `LEAD`."""
    edits = EDITS.dump_json(row.edits).decode()
    return row.lead_id, row.version, row.facts_hash, row.contact_id, row.company_id, row.email, row.lead, edits


def contact_keys(contact: Contact) -> list[tuple[str, str, bool]]:
    """The rows of `contact_key` that a contact has: key, id, and whether nobody else may have it."""
    exact = frozenset() if contact.shared else frozenset(contact.exact_keys())
    return [(key, contact.contact_id, key in exact) for key in dict.fromkeys(contact.all_keys())]


def company_keys(company: Company) -> list[tuple[str, str, bool]]:
    """The rows of `company_key` that a company has."""
    exact = frozenset(company.exact_keys())
    return [(key, company.company_id, key in exact) for key in company.all_keys()]
