"""How audit forgets a person: the events that journeys are told from, and values in plans. The log itself stays, unreadable."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("submissions", "delete from submission where submission_id = any($1::text[])"),
    Tombstone("leads", "delete from event where lead_id = any($1::text[])"),
    Tombstone("records", "delete from event where record_type || ':' || record_id = any($1::text[])"),
    Tombstone(
        "all",
        "delete from rollback_plan where exists (select from unnest($1::text[]) name where strpos(plan::text, name) > 0)",
    ),
    Tombstone(
        "all",
        "update rollback set items = (select coalesce(jsonb_agg(item order by place), '[]') "
        "from jsonb_array_elements(items) with ordinality as held(item, place) where not ("
        "item #>> '{record,id}' = any($1::text[]))) "
        "where exists (select from unnest($1::text[]) name where strpos(items::text, name) > 0)",
    ),
)
