"""The audit log against its topic, and a second sink beside the service's own."""

import asyncio
import json
from collections.abc import Sequence

import asyncpg
import httpx
from aiokafka import TopicPartition

from cli.stack import settings_of
from drills.report import Report
from drills.site import Site
from embedded.plan import Addresses
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.broker import read_topics, reading_consumer
from libs.runtime.database import open_pool
from libs.runtime.health import Health
from libs.runtime.keyring import keys_of
from libs.runtime.record import Record
from libs.runtime.sink import Sink, SinkOwner
from libs.runtime.telemetry import Meter
from services.audit.sink import change_writer

CATCH_UP_SECONDS = 60.0


async def check_rows(running: Site, report: Report) -> None:
    """Adds to the report whether there is one row for each record of the topic, and whether the chain verifies."""
    records = 0
    async for _ in read_topics(running.kafka, [AUDIT_CHANGE.name]):
        records += 1
    connection = await asyncpg.connect(running.database_url)
    try:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            while (rows := await connection.fetchval("select count(*) from audit.change")) < records:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
    except TimeoutError:
        report.problems.append(f"the audit sink stored {rows} of {records} records")
    finally:
        await connection.close()
    report.figures |= {"audit_rows": rows, "topic_records": records}
    report.require(rows == records, f"{rows} audit rows for {records} records")
    await _check_chain(running, report)


async def _check_chain(running: Site, report: Report) -> None:
    headers = {"Authorization": f"Bearer {running.token}"}
    async with httpx.AsyncClient(timeout=120, trust_env=False) as http:
        answer = await http.get(f"{running.url('audit')}/api/verify", headers=headers)
    result = json.loads(answer.text.strip().splitlines()[-1])
    report.figures["verified_rows"] = result.get("rows")
    report.require(bool(result.get("ok")), f"the chain does not verify: {result.get('findings')}")


async def second_sink(running: Site, stop: asyncio.Event) -> int:
    """Store every partition of the audit topic beside the service, without its group; returns the batches it stored."""
    settings = settings_of(running.data, Addresses(running.kafka, running.database_url))
    stored = 0
    pool = await open_pool(settings, "audit")
    write = change_writer(keys_of(settings))

    async def counted(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
        nonlocal stored
        stored += 1
        await write(connection, topic, partition, records)

    consumer = reading_consumer(running.kafka)
    await consumer.start()
    partitions = [TopicPartition(AUDIT_CHANGE.name, number) for number in range(settings.partitions)]
    consumer.assign(partitions)
    counting = Sink("audit.changes", "audit", (AUDIT_CHANGE,), counted)
    owners = [SinkOwner(counting, tp, consumer, pool, Health(), Meter()) for tp in partitions]
    tasks = [asyncio.create_task(owner.run()) for owner in owners]
    await stop.wait()
    for owner in owners:
        owner.stopping.set()
    await asyncio.gather(*tasks)
    await consumer.stop()
    await pool.close()
    return stored
