"""The API on a real store: numbers, their cases, what is refused, who is shown what, and the review's page."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest

from libs.runtime.health import Health
from services.insights.api import create_app
from services.insights.domain.definitions import METRICS
from services.insights.domain.page import CSP, STYLE, page
from services.insights.domain.query import Query, Reach
from services.insights.settings import InsightsSettings
from services.insights.store import PostgresNumbers
from services.insights.weekly_api import add_weekly, report
from tests.access.persons import become
from tests.libs.runtime.harness import policies
from tests.services.insights import oracle
from tests.services.insights.stories import Story, everything
from tests.services.insights.storing import count, store
from tests.services.insights.test_counting import DEALS, STORIES

MANY = [replace(STORIES[0], number=number, hour=number % 90, contact=number + 10) for number in range(10, 40)]
ALL = [*STORIES, *MANY]
SPAN = {"since": "2026-11-01", "until": "2026-11-30"}


@pytest.fixture
async def api(pool: asyncpg.Pool) -> AsyncIterator[httpx.AsyncClient]:
    """The app over a store that holds all stories, asked with the stack's own token."""
    await store(pool, everything(ALL, DEALS))
    await count(pool)
    numbers, known = PostgresNumbers(pool), policies()
    app = create_app(numbers, known, "t" * 32, Health(), InsightsSettings())
    add_weekly(app, numbers, known)
    headers = {"Authorization": "Bearer " + "t" * 32}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t", headers=headers) as client:
        yield client


async def got(api: httpx.AsyncClient, path: str, **asked: str) -> Any:
    answer = await api.get(path, params={**SPAN, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_number_leads_to_exactly_its_cases(api: httpx.AsyncClient) -> None:
    told = await got(api, "/api/insights")
    assert told["time_zone"] == "America/New_York"
    assert told["waiting"] == 0
    wanted = oracle.rates(ALL, DEALS)
    for one in told["numbers"]:
        path, total = f"/api/metrics/{one['metric']}", one["total"]
        alone = await got(api, path, by="week,queue")
        assert alone["total"] == total
        cases = (await got(api, f"{path}/cases", limit="500"))["items"]
        if "rate" in total:
            assert (total["numerator"], total["denominator"]) == wanted.get(one["metric"], (0, 0))
            assert len(cases) == total["denominator"]
            assert sum(case["counts"] for case in cases) == total["numerator"]
            rest = (await got(api, f"{path}/cases", part="rest", limit="500"))["items"]
            assert len(rest) == total["denominator"] - total["numerator"]
            assert sum(group["denominator"] for group in alone["groups"]) == total["denominator"]
            assert (total["rate"] is None) == (total["denominator"] < 20) == ("note" in total)
        else:
            assert len(cases) == total["count"]


async def test_cases_are_paged_without_gaps_and_filtered(api: httpx.AsyncClient) -> None:
    whole = (await got(api, "/api/metrics/leads/cases", limit="500"))["items"]
    found, after = [], ""
    while True:
        page_ = await got(api, "/api/metrics/leads/cases", limit="4", **({"after": after} if after else {}))
        found += page_["items"]
        after = page_["next"]
        if not after:
            break
    assert found == whole
    assert {one["lead_id"] for one in whole} == {one.lead_id for one in ALL}
    fair = await got(api, "/api/metrics/leads/cases", source="fair")
    assert [one["lead_id"] for one in fair["items"]] == [STORIES[2].lead_id]
    assert (await got(api, "/api/metrics/leads", by="source"))["groups"][0] == {"source": "fair", "count": 1}
    assert (await got(api, "/api/metrics/values/source"))["values"] == ["fair", "website"]


@pytest.mark.parametrize(
    ("path", "asked", "said"),
    [
        ("/api/metrics/nonsense", {}, "there is no such metric"),
        ("/api/metrics/leads", {"by": "week,colour"}, "choose from week, day, kind"),
        ("/api/metrics/leads", {"by": "week,queue,kind,source"}, "at most three"),
        ("/api/metrics/leads", {"since": "2026-13-01"}, "has to be a day as 2026-11-02"),
        ("/api/metrics/leads", {"since": "20261101"}, "has to be a day as 2026-11-02"),
        ("/api/metrics/leads", {"since": "2026-12-01", "until": "2026-11-01"}, "is before since"),
        ("/api/metrics/leads", {"since": "1990-01-01", "until": "2026-11-01"}, "at most 1100 days"),
        ("/api/metrics/leads", {"week": "2026-W60"}, "write it as 2026-W47"),
        ("/api/metrics/leads", {"week": "2026-W47", "since": "2026-11-01"}, "give a week, or since and until"),
        ("/api/metrics/leads", {"queue": "a\x00b"}, "no NUL"),
        ("/api/metrics/leads/cases", {"part": "some"}, "denominator, numerator, rest"),
        ("/api/metrics/leads/cases", {"after": "xx"}, "take it from `next`"),
        ("/api/metrics/leads/cases", {"after": "W10="}, "take it from `next`"),
        ("/api/metrics/leads/cases", {"limit": "0"}, "does not fit"),
        ("/api/metrics/values/colour", {}, "choose from"),
        ("/api/weekly/yesterday", {}, "write it as 2026-W47"),
        ("/api/weekly/2026-W99.html", {}, "write it as 2026-W47"),
    ],
)  # fmt: skip
async def test_what_can_not_be_answered_is_refused_in_words(
    api: httpx.AsyncClient, path: str, asked: dict[str, str], said: str
) -> None:
    answer = await api.get(path, params=asked)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


async def test_a_rep_counts_their_own_and_queues_count_theirs(api: httpx.AsyncClient) -> None:
    mine = [one for one in ALL if one.destination == "queue"]
    become(api, "rep", member="bob")
    assert (await got(api, "/api/metrics/leads"))["total"] == {"count": len(mine)}
    cases = await got(api, "/api/metrics/leads/cases", limit="500")
    assert {one["lead_id"] for one in cases["items"]} == {one.lead_id for one in mine}
    assert (await api.get("/api/weekly/2026-W45")).status_code == 403
    become(api, "rep", member="somebody")
    assert (await got(api, "/api/metrics/leads"))["total"] == {"count": 0}
    become(api, "rep", member=None)
    assert (await got(api, "/api/metrics/leads"))["total"] == {"count": 0}, "who is no member has no leads"
    become(api, "manager", queues=("elsewhere",))
    assert (await got(api, "/api/metrics/leads"))["total"] == {"count": 0}
    become(api, "manager", queues=("inbound_sales",))
    assert (await got(api, "/api/metrics/leads"))["total"] == {"count": len(ALL)}


async def test_the_review_says_what_happened_in_its_week(api: httpx.AsyncClient) -> None:
    told = await got(api, "/api/weekly/2026-W45")
    assert (told["since"], told["until"], told["before"]) == ("2026-11-02", "2026-11-08", "2026-W44")
    assert list(dict.fromkeys(one["metric"] for one in told["numbers"])) == [one.name for one in METRICS]
    assert {one["lead_id"] for one in told["never_routed"]["cases"]} == {STORIES[2].lead_id}
    assert {one["lead_id"] for one in told["corrected_updates"]["cases"]} == {one.lead_id for one in ALL if one.undone}
    assert [one["key"] for one in told["in_review"]] == ["classify:company.industry"]
    assert told["uncertain_rules"][0]["rule"] == "inbound"
    steps = {one["label"]: one["this"]["count"] for one in told["numbers"] if one["metric"] == "reached"}
    assert steps == {label: number for (name, label), number in oracle.counts(ALL, DEALS).items() if name == "reached"}
    before = await got(api, "/api/weekly/2026-W46")
    assert next(one for one in before["numbers"] if one["metric"] == "leads")["before"]["count"] == len(ALL)


async def test_the_page_escapes_everything_and_loads_nothing(pool: asyncpg.Pool) -> None:
    bad = '"><script>alert(1)</script><img src=x onerror=y>'
    await store(pool, everything([Story(0, 0, source=bad, kind=bad, destination="suppressed", undone="human")], []))
    await count(pool)
    found = await report(PostgresNumbers(pool), policies(), "2026-W45", Reach())
    found = {**found, "week": bad, "launch_mode": bad, "uncertain_rules": [
        {"rule": bad, "leads": 1, "asked": 1, "answered": 0, "overruled": 0}]}  # fmt: skip
    text = page(found)
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("&lt;script&gt;") >= 4
    tags = re.findall(r"<[a-z][^>]*>", text)
    assert {name for tag in tags for name in re.findall(r'\s([a-z-]+)="', tag)} == {
        "lang",
        "charset",
        "name",
        "content",
        "class",
        "scope",
    }
    assert "url(" not in STYLE
    assert "@import" not in STYLE


async def test_the_page_is_answered_with_a_policy_that_takes_its_style_alone(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/weekly/2026-W45.html")
    assert answer.headers["content-security-policy"] == CSP
    assert answer.headers["content-type"].startswith("text/html")
    assert "unsafe" not in CSP
    assert "Weekly review 2026-W45" in answer.text


async def test_percentiles_and_groups_by_week(api: httpx.AsyncClient) -> None:
    told = await got(api, "/api/metrics/first_touch_wall", by="week")
    assert told["total"]["count"] == len(oracle.wall_minutes(ALL))
    assert told["total"]["p50_minutes"] == sorted(oracle.wall_minutes(ALL))[(len(oracle.wall_minutes(ALL)) - 1) // 2]
    assert {group["week"] for group in told["groups"]} == {"2026-W45"}


async def test_reading_goes_through_cells_and_a_reps_through_marks(pool: asyncpg.Pool) -> None:
    await store(pool, everything(ALL, DEALS))
    await count(pool)
    numbers, days = PostgresNumbers(pool), Query(date(2026, 11, 1), date(2026, 11, 30))
    whole = await numbers.cells(["leads"], days)
    await pool.execute("delete from mark")
    assert await numbers.cells(["leads"], days) == whole
    assert await numbers.cells(["leads"], replace(days, reach=Reach(owner="bob"))) == {"leads": []}
