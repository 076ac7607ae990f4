"""How dedupe forgets a person: their leads, contacts with all keys that found them, links, and what was decided of pairs."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("leads", "delete from lead where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from contact_link where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from pair where lead_id = any($1::text[])"),
    Tombstone("record_ids", "delete from contact where contact_id = any($1::text[])"),
    Tombstone(
        "record_ids",
        "delete from related where (select substr(name, 8) from unnest(about) with ordinality told(name, place) "
        "where name like 'record:%' order by place limit 1) = any($1::text[])",
    ),
)
