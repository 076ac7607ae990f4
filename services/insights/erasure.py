"""How insights forgets a person: the facts of their leads, submissions and records; what was counted of them is counted anew.

The numbers are then what a rebuild makes of the topics, where nobody can read these events any more.
"""

from libs.runtime.erasing import Tombstone

_AGAIN = (
    "insert into dirty (subject) select distinct '{0}:' || one from unnest($1::text[]) one order by 1 "
    "on conflict (subject) do update set seq = dirty.seq + 1"
)
TOMBSTONES = (
    Tombstone("leads", "delete from fact where subject in (select 'lead:' || one from unnest($1::text[]) one)"),
    Tombstone("leads", _AGAIN.format("lead")),
    Tombstone("leads", "delete from held where lead_id = any($1::text[])"),
    Tombstone("submissions", "delete from fact where subject in (select 'submission:' || one from unnest($1::text[]) one)"),
    Tombstone("submissions", _AGAIN.format("submission")),
    Tombstone("records", "delete from held where record_key = any($1::text[])"),
    Tombstone("records", "delete from record where record_key = any($1::text[])"),
    Tombstone("record_ids", "delete from record where contact_id = any($1::text[])"),
)  # fmt: skip
