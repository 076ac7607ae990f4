"""Insights' REST API: what the metrics are, their numbers, and the cases behind each number."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse

from libs.runtime import clock
from libs.runtime.health import Health
from libs.runtime.http import Asker, may, new_app
from libs.runtime.people import Caller
from libs.runtime.policies import PolicyVersions
from services.insights.domain.definitions import METRICS
from services.insights.domain.marks import NAMES, NONE
from services.insights.domain.metric import GROUPS as GROUP_TITLES
from services.insights.domain.metric import Metric
from services.insights.domain.numbers import summed, told, total
from services.insights.domain.query import (
    GROUPS,
    PARTS,
    Place,
    QueryError,
    Reach,
    filtered,
    grouped_by,
    metric_named,
    period,
)
from services.insights.domain.query import Query as Asked
from services.insights.domain.weeks import day_of
from services.insights.settings import InsightsSettings

Cells = list[tuple[tuple[str, ...], int, int, int, int]]


class Numbers(Protocol):
    """Where numbers are read."""

    async def cells(self, metrics: Sequence[str], query: Asked) -> dict[str, Cells]:
        """By metric: (group, value, n, num, den)."""
        ...

    async def cases(
        self, metric: str, query: Asked, part: str, after: Place | None, limit: int
    ) -> tuple[list[Mapping[str, Any]], Place | None]:
        """The cases of a number, and where the next page begins."""
        ...

    async def state(self) -> tuple[str, int]:
        """The zone of days, and how many subjects are still to be counted anew."""
        ...

    async def values(self, name: str) -> list[str]:
        """What there is of a name that numbers are told apart by."""
        ...


def reach_of(caller: Caller) -> Reach:
    """Whose leads somebody's numbers count: a rep's are their own, and whoever has queues sees those."""
    if caller.role == "rep":
        return Reach(owner=caller.member or "")
    return Reach(queues=caller.queues or None)


def definition(metric: Metric) -> dict[str, Any]:
    """A metric as it is told."""
    return asdict(metric)


def filters(
    kind: str = "",
    source: str = "",
    queue: str = "",
    workflow: str = "",
    version: str = "",
    policy: str = "",
    field: str = "",
    model: str = "",
    label: str = "",
) -> dict[str, str]:
    """The filters of a request, by name."""
    given = (kind, source, queue, workflow, version, policy, field, model, label)
    return dict(zip(NAMES, given, strict=True))


Filters = Annotated[dict[str, str], Depends(filters)]


def create_app(
    numbers: Numbers, policies: PolicyVersions, api_token: str, health: Health, settings: InsightsSettings
) -> FastAPI:
    """The API on its parts."""
    app = new_app("Signalbox insights", api_token, health)
    app.state.policies = policies

    @app.exception_handler(QueryError)
    async def refused(_: Request, error: QueryError) -> JSONResponse:
        return JSONResponse({"error": "invalid", "message": str(error), "problems": []}, 422)

    @app.get("/api/metrics", dependencies=[may("read")])
    async def metrics() -> JSONResponse:
        """Every metric: what it asks, what it counts, what it does not say; and by what numbers are told apart."""
        return JSONResponse({"metrics": [definition(one) for one in METRICS], "groups": GROUP_TITLES, "by": GROUPS})

    @app.get("/api/metrics/values/{name}", dependencies=[may("read")])
    async def values(name: str) -> JSONResponse:
        """What there is to filter by: the kinds, sources, queues and so on that anything was counted of."""
        if name not in NAMES:
            raise QueryError(f"name: choose from {', '.join(NAMES)}")
        return JSONResponse({"name": name, "values": await numbers.values(name)})

    _add_numbers(app, numbers, settings)
    _add_cases(app, numbers, settings)
    return app


def _add_numbers(app: FastAPI, numbers: Numbers, settings: InsightsSettings) -> None:
    @app.get("/api/insights", dependencies=[may("read")])
    async def overview(caller: Asker, given: Filters, since: str = "", until: str = "", week: str = "") -> JSONResponse:
        """Every metric over a period, with its labels."""
        zone, waiting = await numbers.state()
        first, last = period(since, until, week, _today(zone), settings.days_max)
        asked = Asked(first, last, filtered(given), ("label",), reach_of(caller))
        cells = await numbers.cells([one.name for one in METRICS], asked)
        listed = [
            {**_numbers(one, cells[one.name], ("label",)), "metric": one.name, "group": one.group} for one in METRICS
        ]
        return JSONResponse({**_about(first, last, zone, waiting), "numbers": listed})

    @app.get("/api/metrics/{name}", dependencies=[may("read")])
    async def metric(
        name: str, caller: Asker, given: Filters, since: str = "", until: str = "", week: str = "", by: str = ""
    ) -> JSONResponse:
        """One metric over a period: in all, and told apart by up to three names. `policy` is a hash's first 12 digits."""
        named = metric_named(name)
        zone, waiting = await numbers.state()
        first, last = period(since, until, week, _today(zone), settings.days_max)
        asked = Asked(first, last, filtered(given), grouped_by(by), reach_of(caller))
        cells = await numbers.cells([name], asked)
        about = {"metric": definition(named), **_about(first, last, zone, waiting), "by": asked.by}
        return JSONResponse({**about, **_numbers(named, cells[name], asked.by)})


def _add_cases(app: FastAPI, numbers: Numbers, settings: InsightsSettings) -> None:
    @app.get("/api/metrics/{name}/cases", dependencies=[may("read")])
    async def cases(
        name: str,
        caller: Asker,
        given: Filters,
        since: str = "",
        until: str = "",
        week: str = "",
        part: str = "denominator",
        limit: Annotated[int, Query(ge=1)] = 100,
        after: str = "",
    ) -> JSONResponse:
        """The cases that a number counts, by their ids: of a share all (`part=denominator`), those that count (`numerator`), or
        the `rest`. `next` is the `after` of the next page."""
        named = metric_named(name)
        if part not in PARTS:
            raise QueryError(f"part: has to be one of {', '.join(PARTS)}")
        zone, waiting = await numbers.state()
        first, last = period(since, until, week, _today(zone), settings.days_max)
        asked = Asked(first, last, filtered(given), (), reach_of(caller))
        place = Place.parse(after) if after else None
        rows, following = await numbers.cases(name, asked, part, place, min(limit, settings.page_max))
        listed = [case_told(named, row) for row in rows]
        return JSONResponse(
            {**_about(first, last, zone, waiting), "items": listed, "next": following.text() if following else None}
        )


def case_told(metric: Metric, row: Mapping[str, Any]) -> dict[str, Any]:
    """A case as it is told: its id, where to look, and what it is told apart by."""
    kind, _, name = str(row["subject"]).partition(":")
    told_apart = {one: row[one] for one in NAMES if row[one]}
    found = {"case": row["case_id"], "subject": row["subject"], "day": row["day"].isoformat(), **told_apart}
    if kind == "lead":
        found["lead_id"] = name
    if row["value"] != NONE:
        found["minutes"] = row["value"]
    return {**found, "counts": bool(row["num"])} if metric.kind == "rate" else found


def _numbers(metric: Metric, cells: Cells, by: Sequence[str]) -> dict[str, Any]:
    sums = summed(cells)
    groups = [{**dict(zip(by, group, strict=True)), **told(metric, held)} for group, held in sorted(sums.items())]
    every = told(metric, total(sums.values()))
    return {"total": every, "groups": groups if by and any(any(group) for group in sums) else []}


def _about(first: date, last: date, zone: str, waiting: int) -> dict[str, Any]:
    """What every answer says of itself; `waiting`: leads and submissions of which something new is not counted yet."""
    return {"since": first.isoformat(), "until": last.isoformat(), "time_zone": zone, "waiting": waiting}


def _today(zone: str) -> date:
    return day_of(clock.now(), zone)
