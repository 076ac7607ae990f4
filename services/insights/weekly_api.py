"""The weekly review by HTTP: as JSON, and as a page to print."""

from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse

from libs.runtime import clock
from libs.runtime.http import Asker, may
from libs.runtime.policies import PolicyVersions
from services.insights.api import Numbers, case_told, reach_of
from services.insights.domain import weekly
from services.insights.domain.definitions import BY_NAME, METRICS
from services.insights.domain.page import CSP, page
from services.insights.domain.query import Query, QueryError, Reach
from services.insights.domain.weeks import days_of, last_full_week, week_before

LISTED_MAX = 500
"""Cases of one list; a longer one says so, and the rest is at `/api/metrics/{name}/cases`."""
EARNED_DAYS = 366
LATEST = "latest"


def add_weekly(app: FastAPI, numbers: Numbers, policies: PolicyVersions) -> None:
    """The review's routes. They need the right `queue`: the review is the house's, and of whoever is limited to queues theirs."""

    @app.get("/api/weekly/{week}.html", dependencies=[may("queue")])
    async def printed(week: str, caller: Asker) -> HTMLResponse:
        """The review as a page, without scripts; `latest` is the week that ended last."""
        found = await report(numbers, policies, week, reach_of(caller))
        headers = {
            "Content-Security-Policy": CSP,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return HTMLResponse(page(found), headers=headers)

    @app.get("/api/weekly/{week}", dependencies=[may("queue")])
    async def told(week: str, caller: Asker) -> JSONResponse:
        """The review as JSON; `latest` is the week that ended last."""
        return JSONResponse(await report(numbers, policies, week, reach_of(caller)))


async def report(numbers: Numbers, policies: PolicyVersions, week: str, reach: Reach) -> dict[str, Any]:
    """The review of a week. Raises QueryError for what is no week, Retryable while no policy is known."""
    zone, waiting = await numbers.state()
    now = clock.now()
    named = last_full_week(now, zone) if week == LATEST else week
    try:
        first, last = days_of(named)
        before, until = days_of(week_before(named))
    except ValueError as error:
        raise QueryError(str(error)) from None
    names = [one.name for one in METRICS]
    this = await numbers.cells(names, Query(first, last, by=("label",), reach=reach))
    previous = await numbers.cells(names, Query(before, until, by=("label",), reach=reach))
    parts = {
        part: (await numbers.cells([part.metric], Query(first, last, by=part.by, reach=reach)))[part.metric]
        for part in weekly.PARTS
    }
    since = last - timedelta(days=EARNED_DAYS)
    earned = await numbers.cells([weekly.EARNED.metric], Query(since, last, by=weekly.EARNED.by, reach=reach))
    lists = {
        name: await _listed(numbers, *which, Query(first, last, reach=reach)) for name, which in weekly.LISTS.items()
    }
    corrected = [one for one in weekly.table(weekly.CORRECTED, parts[weekly.CORRECTED]) if one["numerator"]]
    policy = policies.newest()
    return {
        "week": named, "before": week_before(named), "since": first.isoformat(), "until": last.isoformat(), "time_zone": zone,
        "made_at": now.isoformat(timespec="seconds"), "waiting": waiting, "launch_mode": policy.launch.mode.value,
        "policy": policy.hash[:12],
        "numbers": weekly.headline(this, previous),
        "corrected_updates": {"rows": corrected, **lists["corrected"]},
        "uncertain_rules": weekly.uncertain(parts[weekly.ASKED], parts[weekly.OVERRULED]),
        "handoffs": weekly.handoffs(parts[weekly.ACCEPTED], parts[weekly.IN_TIME], parts[weekly.MEETINGS]),
        "suggestions": weekly.table(weekly.SUGGESTED, parts[weekly.SUGGESTED]),
        "in_review": weekly.in_review(policy, policies.levels(), earned[weekly.EARNED.metric]),
        "never_routed": lists["never_routed"],
    }  # fmt: skip


async def _listed(numbers: Numbers, metric: str, part: str, query: Query) -> dict[str, Any]:
    rows, following = await numbers.cases(metric, query, part, None, LISTED_MAX)
    return {"cases": [case_told(BY_NAME[metric], row) for row in rows], "more": following is not None}
