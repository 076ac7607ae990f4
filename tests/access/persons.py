"""A client of an API that is somebody: with a role, queues, and a log of what they were shown."""

from collections.abc import Sequence
from typing import Any

import httpx

from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import AccessGranted, PolicyPublished
from libs.policy.load import load_policy, policy_hash
from libs.runtime import clock
from libs.runtime.errors import Retryable
from libs.runtime.http import connect
from libs.runtime.people import Caller, People, make_token
from libs.runtime.policies import PublishedPolicies
from tests.libs.runtime.harness import FILES
from tests.libs.runtime.leads import AT


class Log:
    """Keeps who was shown whom, in memory; `away`: as when the broker is."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, list[str]]] = []
        self.away = False

    async def record(self, caller: Caller, service: str, route: str, records: Sequence[RecordRef]) -> None:
        """See AccessLog."""
        if self.away:
            raise Retryable("the broker is away")
        self.kept.append((caller.actor.id, f"{service} {route}", [f"{one.type}:{one.id}" for one in records]))


def hiding(record_type: str, field: str, *roles: str) -> PublishedPolicies:
    """The shipped policy, with one field hidden from roles."""
    files = dict(FILES)
    if field:
        head, mark, rest = files["fields.yaml"].partition(f"\n  {record_type}:\n")
        assert mark
        before, found, after = rest.partition(f"\n    {field}: {{")
        assert found, f"{field} is not written in one line"
        files["fields.yaml"] = f"{head}{mark}{before}{found}hidden_from: [{', '.join(roles)}], {after}"
    known, hashed = PublishedPolicies(), policy_hash(files)
    assert load_policy(files).hash == hashed
    known.add(PolicyPublished(policy_hash=hashed, files=files, author="t", reason="t", published_at=AT))
    return known


def become(client: httpx.AsyncClient, role: str, policies: PublishedPolicies | None = None, **granted: Any) -> Log:
    """From now on the client is `role`'s; returns what is kept of what they are shown."""
    app = client._transport.app  # type: ignore[attr-defined]
    people, log, now = People(), Log(), clock.now()
    given = {"event_id": role, "person": role, "role": role, "valid_from": now, "actor": Actor(kind="human", id="ana")}
    people.add(AccessGranted.model_validate({**given, **granted}))
    connect(app, people, policies or hiding("", ""), log)
    client.headers["Authorization"] = f"Bearer {make_token(role, app.state.api_token, clock.now())}"
    client.headers.pop("X-Signalbox-Actor", None)
    return log
