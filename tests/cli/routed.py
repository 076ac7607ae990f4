"""Leads that arrive routed on the real broker, as router leaves them."""

from datetime import UTC, datetime

from libs.contracts.codec import encode
from libs.contracts.events import LeadRouted
from libs.contracts.lead import Lead, Route
from libs.contracts.topics import LEAD_ROUTED
from libs.runtime.broker import Producer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def put_routed(kafka: str, *leads: Lead) -> None:
    producer = Producer(kafka)
    await producer.start()
    route = Route(destination="queue", rule="r", reason="r", confidence=1.0)
    for lead in leads:
        event = LeadRouted(event_id=f"{lead.lead_id}-{lead.version}", decided_at=NOW, lead=lead, route=route)
        await producer.send_and_wait(encode(LEAD_ROUTED, event, lead.lead_id, source="test"))
    await producer.stop()
