"""What a running stack says about its readiness, read through its APIs and topics."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli.audit import verified
from cli.client import Api
from cli.dead_letters import reasons_of
from cli.errors import CliError
from cli.lag import wait_until_read
from cli.ready.checks import Facts
from cli.ready.rollback_test import TASK
from cli.score.history import on_kafka, routed_leads
from libs.contracts.lead import Lead
from libs.contracts.topics import RECORD_CHANGED
from libs.policy.policy import Policy
from libs.runtime import clock

PAGE = 100


def facts_of(api: Api, policy: Policy) -> Facts:
    """The facts, for a policy that decides or is to decide."""
    kafka = api.stack.kafka
    return Facts(
        policy=policy,
        now=clock.now(),
        entries=_records(api, "suppression"),
        entries_read=_entries_read(kafka),
        members=_records(api, "member"),
        chain=list(verified(api))[-1],
        rollback_tested=_tested(api),
        dead_letters=Counter(reasons_of(kafka)),
        leads=tuple(on_kafka(kafka, _newest_leads(kafka))),
    )


def _records(api: Api, record_type: str) -> Mapping[str, Mapping[str, Any]]:
    """The fields of every record of a type that is not deleted, by id."""
    found: dict[str, Mapping[str, Any]] = {}
    after = ""
    while True:
        page = api.get("crm", f"/api/records/{record_type}", limit=PAGE, after=after)
        found |= {one["id"]: one["fields"] for one in page["items"] if not one.get("deleted")}
        after = page.get("next") or ""
        if not after:
            return found


def _entries_read(kafka: str) -> bool:
    try:
        asyncio.run(wait_until_read(kafka, ("router",), RECORD_CHANGED.name, 5.0))
    except CliError:
        return False
    return True


def _tested(api: Api) -> datetime | None:
    """When a rollback last put the test's task back."""
    told = api.get("audit", f"/api/records/task/{TASK}/timeline", field="title", limit=1000)["items"]
    times = [
        datetime.fromisoformat(one["change"]["at"])
        for one in told
        if one["change"]["source"]["kind"] == "rollback" and one["change"]["status"] == "applied"
    ]
    return max(times, default=None)


async def _newest_leads(kafka: str) -> list[Lead]:
    newest: dict[str, Lead] = {}
    async for lead, _ in routed_leads(kafka):
        newest[lead.lead_id] = lead
    return list(newest.values())
