"""How triage forgets a person: the items about their leads, with all that was asked, answered and said."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("leads", "delete from comment where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from handoff where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from item where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from lead_case where lead_id = any($1::text[])"),
)
