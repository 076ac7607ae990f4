"""Which services a stack consists of, and bringing it up with topics and policy in place."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.publish import no_looser, publish
from cli.sources import ensure_sources
from embedded import stack
from embedded.credentials import credentials_of
from embedded.files import DataFolder
from embedded.plan import Addresses
from embedded.stack import ServiceSpec, Stack
from libs.policy.load import load_policy
from libs.runtime.broker import ensure_topics
from libs.runtime.settings import RuntimeSettings

LINE = ("dedupe", "enrich", "classify", "score", "router")
API_SERVICES = ("intake", "dedupe", "enrich", "router", "crm", "triage", "notify", "audit", "insights")


def service_specs(separate: bool) -> list[ServiceSpec]:
    """Every service of the stack; the line as one process, or with `separate` as five."""
    if separate:
        line = [_spec(name, "-m", f"services.{name}", has_api=name in API_SERVICES) for name in LINE]
    else:
        line = [
            _spec(
                "line",
                "-m",
                "cli.run",
                "--fuse",
                f"{LINE[0]}..{LINE[-1]}",
                has_api=False,
                apis=("dedupe", "enrich", "router"),
            )
        ]
    others = {name: _spec(name, "-m", f"services.{name}", has_api=True) for name in API_SERVICES if name not in LINE}
    return [others.pop("intake"), _spec("fetch", "-m", "services.fetch", has_api=False), *line, *others.values()]


def _spec(name: str, *arguments: str, has_api: bool, apis: tuple[str, ...] = ()) -> ServiceSpec:
    """A process that says on its port when it is ready; one without an API answers only that. `apis`: the services in it
    that have ports of their own."""
    port = f"{name.upper()}_PORT"
    return ServiceSpec(
        name,
        (sys.executable, *arguments),
        env={} if has_api else {"SIGNALBOX_HEALTH_PORT": f"{{{port}}}"},
        ports={port: 0, **{f"{one.upper()}_PORT": 0 for one in apis}},
        ready_url=f"http://127.0.0.1:{{{port}}}/health/ready",
    )


def bring_up(
    data: Path,
    files: Mapping[str, str],
    *,
    author: str,
    reason: str,
    port_base: int | None = None,
    separate: bool = False,
    tied: bool = False,
    short_lived: bool = False,
    on_progress: Callable[[str], None] = lambda _line: None,
) -> Stack:
    """The whole stack, ready, deciding by the policy that `files` say, in no looser a mode than *suggested* or the one in
    force: `cli.ready.command.into_force` then sets the one they name.

    Raises PolicyError before anything is started when they do not load, StackError when a part does not come up.
    """
    policy = load_policy(files)

    def prepare(addresses: Addresses) -> None:
        settings = settings_of(data, addresses)
        made = asyncio.run(ensure_topics(settings))
        if made:
            on_progress(f"{len(made)} topics made")
        ensure_sources(data, policy.sources.sources)
        careful = asyncio.run(no_looser(addresses.kafka, files))
        if asyncio.run(publish(addresses.kafka, careful, author, reason)):
            told = load_policy(careful)
            on_progress(f"policy {told.hash[:12]} published (mode {told.launch.mode.value})")

    return stack.up(
        data,
        port_base,
        service_specs(separate),
        on_progress,
        prepare,
        tied=tied,
        short_lived=short_lived,
    )


def settings_of(data: Path, addresses: Addresses) -> RuntimeSettings:
    """The runtime's settings, as the stack's own processes get them."""
    own = credentials_of(DataFolder(data.absolute()))
    return RuntimeSettings(
        kafka=addresses.kafka,
        database_url=addresses.database_url,
        data=data,
        tenant_secret=own.tenant_secret,
        api_token=own.api_token,
        master_key=f"key:{own.master_key}" if own.master_key else "",
    )
