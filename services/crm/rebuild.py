"""How crm's records are made anew: its rows from `state.stored.v1`. What it knows of remote CRMs is asked of them again."""

from pathlib import Path

from libs.runtime.rebuild.inventory import Derived, Rebuild

_FARES = "how its calls fared lately, which calls tell and no event"
_REMOTE = (
    "what a remote CRM said when it was last asked; `crm connect` asks again, and finds both sides equal or in conflict"
)

REBUILD = Rebuild(
    "crm",
    Path(__file__).parent / "migrations",
    {
        "record": Derived(
            ("type", "id"),
            where="version > 0",
            where_reason="a row of version 0 is the lock of a record that does not exist",
        ),
        "rejection": Derived(("type", "id", "field", "evidence_hash")),
        "human_lock": Derived(("type", "id", "field")),
        "webhook": Derived(
            ("webhook_id",), without=dict.fromkeys(("failing_since", "disabled_at", "disabled_for"), _FARES)
        ),
    },
    not_derived={
        "webhook_secret": "secrets stand in no topic; one that nobody brought is derived anew from the tenant secret",
        "webhook_delivery": "the log of calls of the last 30 days",
        "remote_link": _REMOTE,
        "remote_field": _REMOTE,
        "remote_cursor": "how far a remote's changes were read",
        "remote_lease": "who talks to a remote now",
    },
)
