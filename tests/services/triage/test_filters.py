"""What the list is narrowed and counted by: one suite for the queue in memory and the one in Postgres."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.triage.domain.filters import Filters, Group, counts_of
from services.triage.domain.item import Case, Item
from services.triage.domain.work import UNTIL_EVIDENCE, Comment, Work
from tests.services.triage.test_store import Stores, item, keep, memory, pool, postgres, stores  # noqa: F401 - fixtures
from tests.services.triage.world import AT, CHANGE, IDENTITY, UNMAPPED

SOON = AT + timedelta(minutes=10)


def items() -> list[Item]:
    """Seven items, each different in what filters look at."""
    claim = {"claimed_since": AT, "claimed_until": SOON}
    return [
        replace(item("a"), work=Work("ana", **claim)),
        replace(item("b"), work=Work("bo", **claim)),
        replace(item("c"), work=Work("bo", AT, AT), reminded=True),
        replace(item("d"), work=Work(assigned_to="ana"), overdue=True, reminded=True),
        replace(item("e"), work=Work(snoozed_until=SOON, snoozed_by="bo"), escalated=True, overdue=True),
        replace(item("f"), work=Work(snoozed_until=UNTIL_EVIDENCE, snoozed_by="bo"), questions=(IDENTITY,)),
        replace(item("g"), questions=(UNMAPPED,), lead=None, suggested=None),
    ]


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "abcdg"), ({"snoozed": "all"}, "abcdefg"), ({"snoozed": "yes"}, "ef"),
    ({"claimed": "me"}, "a"), ({"claimed": "bo"}, "b"), ({"claimed": "nobody"}, "cdg"),
    ({"assigned": "me"}, "d"), ({"assigned": "nobody"}, "abcg"), ({"assigned": "bo"}, ""),
    ({"kind": "identity", "snoozed": "all"}, "abcdef"), ({"kind": "unmapped"}, "g"), ({"kind": "ident"}, ""),
    ({"queue": "inbound"}, "abcd"), ({"queue": "else"}, ""), ({"reach": ("inbound", "x")}, "abcd"), ({"reach": ("x",)}, ""),
    ({"clock": "overdue"}, "d"), ({"clock": "due soon"}, "c"), ({"clock": "escalated", "snoozed": "all"}, "e"),
    ({"clock": "waiting"}, "abg"), ({"segment": "lead"}, "abcd"), ({"source": "demo"}, "abcd"), ({"source": "x"}, ""),
    ({"search": "acm"}, "abcd"), ({"search": "BO EK"}, "abcd"), ({"search": "%"}, ""), ({"search": "x' or 1=1"}, ""),
    ({"equality": item().equality}, "abcd"), ({"claimed": "nobody", "assigned": "me", "kind": "change"}, "d"),
]  # fmt: skip


@pytest.fixture
async def kept(stores: Stores) -> Stores:  # noqa: F811
    await keep(stores, *(Case(one.lead_id, 2, item=one) for one in items()))
    return stores


@pytest.mark.parametrize(("narrowed", "wanted"), CASES)
async def test_each_filter_finds_what_it_says(kept: Stores, narrowed: dict[str, Any], wanted: str) -> None:
    filters = Filters(**narrowed, person="ana")
    page = await kept.queue.page("open", 50, None, filters, AT)
    assert "".join(sorted(row.lead_id for row in page.rows)) == wanted
    assert page.total == len(wanted)
    assert sum(one.rows for one in await kept.queue.groups("open", filters, AT)) == len(wanted)


async def test_claims_and_snoozes_end_by_the_clock(kept: Stores) -> None:
    later = SOON + timedelta(seconds=1)
    free = await kept.queue.page("open", 50, None, Filters(claimed="nobody"), later)
    assert "".join(sorted(row.lead_id for row in free.rows)) == "abcdeg", "e is back, and nobody has a or b any more"
    assert (await kept.queue.page("open", 50, None, Filters(claimed="ana"), later)).total == 0


async def test_counts_say_how_many_a_filter_would_find(kept: Stores) -> None:
    every = Filters(snoozed="all", person="ana")
    counts = counts_of(await kept.queue.groups("open", every, AT), "ana")
    assert counts["claimed"] == {"bo": 1, "me": 1, "nobody": 5}
    assert counts["clock"] == {"due soon": 1, "escalated": 1, "overdue": 1, "waiting": 4}
    assert counts["snoozed"] == {"no": 5, "yes": 2}
    for facet, found in counts.items():
        for value, count in found.items():
            page = await kept.queue.page("open", 50, None, replace(every, **{facet: value}), AT)
            assert page.total == count, (facet, value)


async def test_comments_and_work_come_back_as_they_were_stored(stores: Stores) -> None:  # noqa: F811
    said = [Comment(comment_id=f"c{n}", lead_id="a", author="ana", at=AT + timedelta(n), text=f"Å {n}") for n in (2, 1)]
    work = Work("ana", AT, SOON, "bo", SOON, "cem")
    case = Case("a", 2, item=replace(item("a"), work=work), comments=tuple(said))
    await keep(stores, case)
    await keep(stores, case)
    assert [one.text for one in await stores.queue.comments("a")] == ["Å 1", "Å 2"]
    async with stores.batch():
        held = (await stores.store.locked(["a"]))["a"]
    assert held.item is not None
    assert (held.item.work, held.comments) == (work, ())
    assert (await stores.queue.comments("b"), await stores.queue.memory("b")) == ([], (None, ()))


def test_a_row_counts_once_for_each_kind() -> None:
    groups: Sequence[Group] = [
        Group(("change", "change", "identity"), "q", "waiting", "", "", snoozed=False, segment="", source="s", rows=3)
    ]
    assert counts_of(groups, "ana")["kind"] == {"change": 3, "identity": 3}
    assert CHANGE.review.kind == "change"
