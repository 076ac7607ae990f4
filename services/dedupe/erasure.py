"""How dedupe forgets a person: their leads, contacts with all keys that found them, links, and what was decided of pairs."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("leads", "delete from lead where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from contact_link where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from pair where lead_id = any($1::text[])"),
    Tombstone("record_ids", "delete from pair where record_id = any($1::text[])"),
    Tombstone("record_ids", "delete from contact_link where contact_id = any($1::text[])"),
    Tombstone("record_ids", "delete from contact where contact_id = any($1::text[])"),
    Tombstone("record_ids", "delete from related where record_id = any($1::text[])"),
    Tombstone(
        "record_ids",
        "delete from related where about && (select array_agg('record:' || name) from unnest($1::text[]) name)",
    ),
)
