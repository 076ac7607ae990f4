"""Every route × role, against the table that is checked in: a route that nobody listed, or one that opened, fails.

`python -m tests.access.test_matrix` prints the table as it is now; look at what changed before you keep it.
"""

import re
from typing import Any, get_args

import httpx
import pytest

from cli.topics import NOWHERE, built
from libs.contracts.change import Actor
from libs.contracts.events import AccessGranted
from libs.policy.fields import Role
from libs.runtime import clock
from libs.runtime.http import Needs, connect
from libs.runtime.people import NoAccessLog, People, make_token
from tests.libs.runtime.harness import policies
from tests.paths import ROOT

TABLE = ROOT / "docs" / "access-matrix.txt"
ROLES: tuple[Role, ...] = get_args(Role)
KEY = NOWHERE.api_token.encode()
FREE = {"GET /health/live", "GET /health/ready", "GET /openapi.json"}
"""Routes that show nothing of a tenant's."""
REFUSED = {401, 403}


def people() -> People:
    """One person of each role; the rep is a member."""
    known, now = People(), clock.now()
    for role in ROLES:
        known.add(
            AccessGranted(
                event_id=role,
                person=role,
                role=role,
                valid_from=now,
                actor=Actor(kind="human", id="ana"),
                member="m1" if role == "rep" else None,
            )
        )
    return known


def _apps() -> dict[str, Any]:
    known = people()
    found = {one.name: getattr(one.app, "api", one.app) for one in built() if one.app is not None}
    for app in found.values():
        connect(app, known, policies(), NoAccessLog())
    return found


APPS = _apps()
"""Every service's own app, with these people."""


def routes() -> list[tuple[str, str, str]]:
    """Service, method and path of every route that is not free."""
    return [
        (service, method, route.path)
        for service, app in APPS.items()
        for route in app.routes
        for method in sorted(getattr(route, "methods", ()) - {"HEAD", "OPTIONS"})
        if f"{method} {route.path}" not in FREE
    ]


async def answers(service: str, method: str, path: str) -> dict[str, int]:
    """By role: the status of a request with nothing in it; `nobody` has no token."""
    app, found = APPS[service], {}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        for who in ("nobody", *ROLES):
            token = "" if who == "nobody" else make_token(who, KEY, clock.now())
            filled = re.sub(r"{(\w+)(:path)?}", "contact" if "record_type" in path else "x", path)
            sent = await client.request(method, filled, headers={"Authorization": f"Bearer {token}"})
            found[who] = sent.status_code
    return found


def listed() -> dict[tuple[str, str, str], dict[str, str]]:
    """The table: per route, `yes` or `no` by role."""
    head, *rows = (re.split(r"\s{2,}", line.strip()) for line in TABLE.read_text().splitlines() if line.strip())
    return {tuple(row[0].split(" ", 2)): dict(zip(head[2:], row[2:], strict=True)) for row in rows}  # type: ignore[misc]


def table() -> str:
    """The table as the code has it."""
    lines = [f"{'route':66}  {'right':12}  " + "  ".join(f"{role:8}" for role in ROLES).rstrip()]
    for service, method, path in sorted(routes()):
        right = needs(service, method, path)
        cells = [f"{'yes' if right in rights_of(role) else 'no':8}" for role in ROLES]
        lines.append(f"{f'{service} {method} {path}':66}  {right:12}  " + "  ".join(cells).rstrip())
    return "\n".join(lines) + "\n"


def rights_of(role: Role) -> frozenset[str]:
    from libs.policy.access import RIGHTS  # noqa: PLC0415 - the test itself never asks the rules

    return RIGHTS[role]


def needs(service: str, method: str, path: str) -> str:
    route = next(one for one in APPS[service].routes if one.path == path and method in getattr(one, "methods", ()))
    found = [one.dependency.right for one in route.dependencies if isinstance(one.dependency, Needs)]
    return found[0] if len(found) == 1 else "NONE"


def test_the_table_lists_every_route_and_no_other() -> None:
    assert set(listed()) == set(routes()), "python -m tests.access.test_matrix prints the table as it is now"


@pytest.mark.parametrize(("service", "method", "path"), routes())
async def test_a_route_is_open_to_whom_the_table_says_and_to_no_one_else(service: str, method: str, path: str) -> None:
    said = listed()[service, method, path]
    found = await answers(service, method, path)
    assert found["nobody"] == 401
    for role in ROLES:
        opened = found[role] not in REFUSED
        assert ("yes" if opened else "no") == said[role], f"{role} got {found[role]}"


if __name__ == "__main__":
    print(table(), end="")
