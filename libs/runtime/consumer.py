"""One consumer group of one service: partitions come and go, each with an owner of its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from libs.runtime.broker import group_consumer
from libs.runtime.errors import StageError
from libs.runtime.exits import exit_now
from libs.runtime.health import Health
from libs.runtime.settings import RuntimeSettings

log = logging.getLogger(__name__)

REVOKE_SECONDS = 15.0
"""Owners have so long to end when their partition goes away; half of the rebalance timeout."""


class PartitionOwner(Protocol):
    """What works on one partition until told to stop."""

    stopping: asyncio.Event

    @property
    def name(self) -> str:
        """What it is called in the service's health."""
        ...

    async def run(self) -> None: ...


OwnerOf = Callable[[TopicPartition, AIOKafkaConsumer], PartitionOwner]


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Subscribes a group to topics and runs an owner on each assigned partition."""

    def __init__(self, settings: RuntimeSettings, group: str, owners: Mapping[str, OwnerOf], health: Health) -> None:
        self._settings = settings
        self._group = group
        self._owners = owners
        self._health = health
        self._consumer = group_consumer(settings, group)
        self._running: dict[TopicPartition, tuple[PartitionOwner, asyncio.Task[None]]] = {}

    async def start(self) -> None:
        """Join the group. Raises KafkaError when no broker answers."""
        self._consumer.subscribe(list(self._owners), listener=self)
        await self._consumer.start()

    async def stop(self) -> None:
        """Let every owner finish its batch, then leave the group."""
        await self._stop_owners()
        await asyncio.wait_for(self._consumer.stop(), REVOKE_SECONDS)

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Pause before anything is awaited: records must not be handed out before the owner's fence and seek."""
        self._consumer.pause(*assigned)
        for partition in assigned:
            owner = self._owners[partition.topic](partition, self._consumer)
            task = asyncio.create_task(
                self._run(partition, owner), name=f"owner {partition.topic}/{partition.partition}"
            )
            self._running[partition] = (owner, task)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """End every owner before another process may start one: with the eager protocol all partitions are revoked."""
        await self._stop_owners()

    async def _stop_owners(self) -> None:
        running, self._running = self._running, {}
        for owner, _ in running.values():
            owner.stopping.set()
        if running:
            _, pending = await asyncio.wait([task for _, task in running.values()], timeout=REVOKE_SECONDS)
            if pending:
                exit_now(f"{self._group}: {len(pending)} owners did not end in {REVOKE_SECONDS} s")

    async def _run(self, partition: TopicPartition, owner: PartitionOwner) -> None:
        name = f"{partition.topic}/{partition.partition}"
        try:
            await owner.run()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # a driver's or a model's error quotes what it was given; only our own and the broker's words are safe to write
            told = str(error) if isinstance(error, RuntimeError | StageError | KafkaError) else type(error).__name__
            log.exception("%s ends: %s", name, told)
            exit_now(f"{self._group} {name}: {type(error).__name__}: nothing was committed that is not known")
        finally:
            self._health.gone(owner.name)


Background = Callable[[], Awaitable[None]]
