"""How notify's state is made anew: its rows from `state.stored.v1`. Nothing is sent by it: what was sent stands in the rows."""

from pathlib import Path

from libs.runtime.rebuild.inventory import Derived, Rebuild

REBUILD = Rebuild(
    "notify",
    Path(__file__).parent / "migrations",
    {
        "member": Derived(("member_id",)),
        "question": Derived(("lead_id",)),
        "notice": Derived(("notice_id",)),
        "delivery": Derived(("delivery_id",)),
    },
    not_derived={
        "sending": "the log of calls: attempts, and whether a channel took a message whose end was not told yet",
        "channel": "how channels fared lately, which calls tell and no event",
        "slack_request": "signatures of the last minutes, which a second request may not have",
    },
)
