"""How insights forgets a person: the facts of their leads, submissions and records; what was counted of them is counted anew.

The numbers are then what a rebuild makes of the topics, where nobody can read these events any more.
"""

from libs.runtime.erasing import Tombstone

_AGAIN = (
    "insert into dirty (subject) select distinct '{0}:' || one from unnest($1::text[]) one order by 1 "
    "on conflict (subject) do update set seq = dirty.seq + 1"
)
_RECORDS = "delete from record where record_key = any($1::text[]) returning record_key as one, contact_id as contact"
_TAKEN_BACK = (
    "delete from fact where kind = 'taken_back' and body ->> 'record' = any($1::text[]) "
    "returning subject as one, '' as contact"
)
_MOVED = (
    "insert into dirty (subject) select one from gone union select 'contact:' || contact from gone where contact <> '' "
    "order by 1 on conflict (subject) do update set seq = dirty.seq + 1"
)
_CONTACTS = (
    "insert into dirty (subject) select distinct 'contact:' || (body ->> 'contact') from fact where kind = 'route' and "
    "body ->> 'contact' <> '' and subject in (select 'lead:' || one from unnest($1::text[]) one) order by 1 "
    "on conflict (subject) do update set seq = dirty.seq + 1"
)
"""Other leads of the same contact: an opportunity may be theirs now."""
TOMBSTONES = (
    Tombstone("leads", _CONTACTS),
    Tombstone("leads", "delete from fact where subject in (select 'lead:' || one from unnest($1::text[]) one)"),
    Tombstone("leads", _AGAIN.format("lead")),
    Tombstone("submissions", "delete from fact where subject in (select 'submission:' || one from unnest($1::text[]) one)"),
    Tombstone("submissions", _AGAIN.format("submission")),
    Tombstone("records", "delete from held where record_key = any($1::text[])"),
    Tombstone("records", f"with gone as ({_RECORDS}) {_MOVED}"),
    Tombstone("records", f"with gone as ({_TAKEN_BACK}) {_MOVED}"),
)  # fmt: skip
