"""How the router forgets a person: their leads, whom somebody else then has room for again, and all that was said of them."""

from libs.runtime.erasing import Tombstone
from services.router.store import LOCK_CLASS

TOMBSTONES = (
    Tombstone("nothing", f"select pg_advisory_xact_lock({LOCK_CLASS}, 0)"),
    Tombstone(
        "leads",
        "update load set open_leads = greatest(0, open_leads - freed.leads) from (select route -> 'owner' ->> 'id' as owner, "
        "count(*) as leads from lead where lead_id = any($1::text[]) and settled and pool is not null and sla <> 'met' "
        "group by 1) freed where member_id = freed.owner",
    ),
    Tombstone("leads", "delete from lead where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from answered where lead_id = any($1::text[])"),
    Tombstone("leads", "delete from notice where lead_id = any($1::text[])"),
    Tombstone("record_ids", "delete from party where record_id = any($1::text[])"),
    Tombstone("record_ids", "delete from let_out where record_id = any($1::text[])"),
    Tombstone("leads", "delete from let_out where record_id = any($1::text[])"),
    Tombstone("record_ids", "delete from entry where record_id = any($1::text[])"),
)
