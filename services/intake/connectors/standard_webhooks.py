"""Standard Webhooks (and Svix): {type, timestamp, data}, signed `id.timestamp.body`, two signatures while a secret changes."""

from collections.abc import Sequence

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.connectors.generic_json import generic_item
from services.intake.domain.adapter import Adapter, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at
from services.intake.domain.facts import Item, NotALead
from services.intake.domain.verifiers import Verifier

_PARTS = ("id", b".", "timestamp", b".", "body")
_GONE = ("deleted", "canceled", "cancelled", "removed")
_CHANGED = ("updated", "changed")


def map_standard(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per message, from `data`; an event about a known record is no lead."""
    verb = (text_at(body.value, "type") or "").rpartition(".")[2]
    if verb in _GONE:
        return (NotALead(Disposition.CANCELLATION, "the record is gone"),)
    if verb in _CHANGED:
        return (NotALead(Disposition.UPDATE, "an update of a known record"),)
    if verb in ("ping", "test"):
        return (NotALead(Disposition.PING, "a ping"),)
    data = at(body.value, "data")
    return (generic_item(data if isinstance(data, dict) else body.value, rules),)


ADAPTER = Adapter(
    "standard_webhooks",
    map_standard,
    (
        Verifier(
            "webhook-signature", signed=_PARTS, encoding="base64", key="base64", separator=b" ", prefix=b"v1,",
            id="webhook-id", timestamp="webhook-timestamp",
        ),
        Verifier(
            "webhook-signature", signed=_PARTS, algorithm="ed25519", key="base64", separator=b" ", prefix=b"v1a,",
            id="webhook-id", timestamp="webhook-timestamp",
        ),
    ),
    lambda request, value: request.header("webhook-id").decode("latin-1")[:200] or None,  # noqa: ARG005
)  # fmt: skip
