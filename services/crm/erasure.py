"""How crm forgets a person: their records and all that is kept beside them. A remote CRM is told by a person's task."""

from libs.runtime.erasing import Tombstone

TOMBSTONES = (
    Tombstone("records", "delete from record where type || ':' || id = any($1::text[])"),
    Tombstone("records", "delete from rejection where type || ':' || id = any($1::text[])"),
    Tombstone("records", "delete from human_lock where type || ':' || id = any($1::text[])"),
    Tombstone("records", "delete from remote_field where type || ':' || id = any($1::text[])"),
    Tombstone(
        "records", "update remote_link set note = 'erased', gone = true where type || ':' || id = any($1::text[])"
    ),
    Tombstone("records", "delete from webhook_delivery where record_type || ':' || record_id = any($1::text[])"),
)
