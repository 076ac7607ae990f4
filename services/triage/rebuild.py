"""How the queue is made anew: its rows from `state.stored.v1`."""

from pathlib import Path

from libs.runtime.rebuild.inventory import Derived, Rebuild

REBUILD = Rebuild(
    "triage",
    Path(__file__).parent / "migrations",
    {
        "lead_case": Derived(
            ("lead_id",),
            where="seen_version > 0 or settled or lead_id in (select lead_id from {schema}.item)",
            where_reason="the other rows are locks of leads that were asked for and never heard of",
        ),
        "item": Derived(("lead_id",)),
        "comment": Derived(("comment_id",)),
        "handoff": Derived(("lead_id", "version")),
    },
)
