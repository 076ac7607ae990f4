"""How enrich forgets a person: their records and open questions; what was read over HTTP is only a cache, and emptied."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("records", "delete from record where type || ':' || id = any($1::text[])"),
    Tombstone("leads", "delete from question where lead_id = any($1::text[])"),
    Tombstone("nothing", "delete from http_answer"),
)
