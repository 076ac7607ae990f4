"""What makes two suppression entries, or two days of a calendar, one record: what they say, whoever writes it down."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from libs.contracts import ids
from services.crm.domain.commands import NewRecord
from services.crm.domain.suppression import MATCHED_BY

SAID_ONCE: Mapping[str, tuple[str, ...]] = {
    "suppression": ("reason", *MATCHED_BY), "calendar": ("calendar", "country", "day"),
}  # fmt: skip
"""By record type: the fields that are its natural key."""


def natural_key(record_type: str, fields: Mapping[str, JsonValue]) -> str:
    """The same text for the same entry, however it is written; empty for types whose records are not what they say."""
    names = SAID_ONCE.get(record_type, ())
    said = [f"{name}={str(fields[name]).strip().casefold()}" for name in names if fields.get(name) not in (None, "")]
    return " ".join((record_type, *said)) if said else ""


def with_natural_ids(record_type: str, records: Sequence[NewRecord], tenant_secret: bytes) -> tuple[NewRecord, ...]:
    """The records; one without an id gets that of its natural key, so that two files that say the same make one record.

    Keyed by the tenant's secret, since ids are Kafka keys: from a plain hash an e-mail could be guessed.
    """
    keys = [natural_key(record_type, one.fields) if one.id is None else "" for one in records]
    return tuple(
        one.model_copy(update={"id": ids.derived_id(record_type, ids.partition_key(tenant_secret, key))})
        if key
        else one
        for one, key in zip(records, keys, strict=True)
    )
