"""How the router's state is made anew: its rows from `state.stored.v1`."""

from pathlib import Path

from libs.runtime.rebuild.inventory import Derived, Rebuild

_ONE = Derived(("record_id",))

REBUILD = Rebuild(
    "router",
    Path(__file__).parent / "migrations",
    {
        "lead": Derived(("lead_id",)),
        "party": _ONE,
        "opportunity": _ONE,
        "entry": _ONE,
        "member": _ONE,
        "exception": _ONE,
        "place": Derived(("pool", "member_id")),
        "load": Derived(("member_id",)),
        "answered": Derived(("lead_id", "question_id")),
        "earned": Derived(("key",)),
        "let_out": Derived(("record_id", "field")),
        "notice": Derived(
            ("notice_id",), without={"number": "given by this database as notices come; a crash leaves gaps in it"}
        ),
    },
    not_derived={
        "notice_read": "a mark on the numbers of this database's notices: after a rebuild all of them are unread",
    },
)
