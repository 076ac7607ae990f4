"""Intake, wired."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from libs.contracts.events import SubmissionReceived
from libs.contracts.lead import Position
from libs.policy.policy import Policy
from libs.runtime import clock
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from libs.runtime.policies import PolicyVersions
from libs.runtime.service import Resources, Service
from services.intake.api.app import create_app
from services.intake.api.hooks import Hooks
from services.intake.api.receiver import Receiver
from services.intake.api.setup import add_setup
from services.intake.connectors import ADAPTERS
from services.intake.domain.budget import Budget, Rates
from services.intake.domain.sources import Source, source_of
from services.intake.settings import IntakeSettings, SourcesFile, sources_file
from services.intake.stage import mapper_stage, redrive_stage, submission_in
from services.intake.store import DRAIN_SECONDS, LastPolicy, Spool, SubmissionLog, own_folder

log = logging.getLogger(__name__)

REMEMBER_SECONDS = 2.0


class Sources:
    """The sources of the newest policy and the settings; worked out once per version of both."""

    def __init__(self, policies: PolicyVersions, file: SourcesFile, last: LastPolicy) -> None:
        self._policies = policies
        self._last = last
        self._file = file
        self._made: dict[str, Source | None] = {}
        self._made_of: tuple[str, int] = ("", -1)

    def newest(self, name: str) -> Source | None:
        """The source by the newest policy, the last one seen while the broker is away. Raises Retryable without any."""
        return self.by(name, self._newest())

    def by(self, name: str, policy: Policy) -> Source | None:
        """The source by this policy; None when there is none."""
        settings = self._file.current(clock.monotonic())
        version = (policy.hash, self._file.version)
        if version != self._made_of:
            self._made, self._made_of = {}, version
        if name not in self._made:
            found = source_of(name, policy, settings, ADAPTERS)
            if found is None:
                return None  # not kept: strangers may ask for any number of names
            self._made[name] = found
        return self._made[name]

    def all(self) -> list[Source]:
        """Every source there is, by name. Raises Retryable while no policy is known."""
        names = sorted({*self._newest().sources.sources, *self._file.current(clock.monotonic())})
        return [source for source in map(self.newest, names) if source is not None]

    def _newest(self) -> Policy:
        try:
            return self._policies.newest()
        except Retryable:
            if (last := self._last.read()) is None:
                raise
            return last


def build(resources: Resources) -> Service:
    """The service: hooks and API, mapper and redrive, and the task that drains the spool."""
    limits = IntakeSettings()
    secret = resources.tenant_secret
    last = LastPolicy(resources.data_dir / "intake-policy.json")
    sources = Sources(resources.policies, sources_file(resources.data_dir / "sources.json"), last)
    folder, _ = own_folder(resources.data_dir / "spool")  # the lock is held until the process ends
    spool = Spool(folder, limits.spool_max_bytes, secret)
    submissions = SubmissionLog(resources.producer, spool, limits.send_seconds, clock.monotonic)
    hooks = Hooks(
        Receiver(sources.newest, submissions),
        Budget(limits.max_requests_in_flight, limits.max_bytes_in_flight),
        Rates(limits.source_rate, limits.source_burst),
        base_url=limits.base_url,
        max_body_bytes=limits.max_body_bytes,
        body_seconds=limits.body_seconds,
        now=clock.now,
        monotonic=clock.monotonic,
    )

    async def read(position: Position) -> SubmissionReceived:
        return submission_in(await resources.reader.read(position))

    app = create_app(
        hooks, sources.all, read, resources.commands, resources.settings.api_token, resources.health, limits.base_url,
        setup=lambda api: add_setup(
            api, sources.newest, ADAPTERS, limits.base_url, limits.max_body_bytes, clock.now
        ),
    )  # fmt: skip
    return Service(
        "intake",
        stages=(
            mapper_stage(resources.policies, sources.by, secret),
            redrive_stage(resources.policies, resources.reader, sources.by, secret),
        )
        if limits.maps
        else (),
        app=app,
        background=(
            _draining(submissions),
            _reporting(submissions, resources.health),
            _remembering(resources.policies, last),
        ),
    )


def _draining(submissions: SubmissionLog) -> Callable[[], Awaitable[None]]:
    """The background task that drains the spool; a disk that failed ends it, and with it the process."""

    async def drain() -> None:
        while True:
            await submissions.drain()
            await asyncio.sleep(DRAIN_SECONDS)

    return drain


def _reporting(submissions: SubmissionLog, health: Health) -> Callable[[], Awaitable[None]]:
    """The background task that says whether submissions reach the broker; apart, since draining may take long."""

    async def report() -> None:
        while True:
            if submissions.is_away:
                health.trouble("intake log", "Kafka is away; submissions are spooled")
            else:
                health.fine("intake log")
            await asyncio.sleep(DRAIN_SECONDS)

    return report


def _remembering(policies: PolicyVersions, last: LastPolicy) -> Callable[[], Awaitable[None]]:
    """The background task that keeps the newest policy at hand for a start without a broker."""

    async def remember() -> None:
        while True:
            try:
                await asyncio.to_thread(last.write, policies.newest())
            except (Retryable, OSError) as error:
                log.debug("no policy to remember: %s", error)
            await asyncio.sleep(REMEMBER_SECONDS)

    return remember
