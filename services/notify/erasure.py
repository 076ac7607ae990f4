"""How notify forgets a person: what was said of their leads. That somebody was told of them, by ids alone, stays."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("leads", "delete from notice where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from question where lead_id = any($1::text[])"),
    Tombstone("records", "delete from member where 'member:' || member_id = any($1::text[])"),
)
