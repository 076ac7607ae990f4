"""Standard Webhooks (and Svix): {type, timestamp, data}, signed `id.timestamp.body`, two signatures while a secret changes."""

from collections.abc import Sequence
from dataclasses import replace

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.connectors.generic_json import generic_item, map_generic
from services.intake.domain.adapter import Adapter, Preset, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at
from services.intake.domain.facts import Item, NotALead
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_PARTS = ("id", b".", "timestamp", b".", "body")
_GONE = ("deleted", "canceled", "cancelled", "removed")
_CHANGED = ("updated", "changed")
_LEFT = ("unsubscribed", "unsubscribe", "opted_out", "opt_out")
_ADDRESSES = ("email", "contact.email", "email_address", "contact.email_address")


def map_standard(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead from `data`, or one each when that is a list; an event about a known record is no lead."""
    verb = (text_at(body.value, "type") or "").rpartition(".")[2]
    if verb in _GONE:
        return (NotALead(Disposition.CANCELLATION, "the record is gone"),)
    if verb in _CHANGED:
        return (NotALead(Disposition.UPDATE, "an update of a known record"),)
    if verb in ("ping", "test"):
        return (NotALead(Disposition.PING, "a ping"),)
    data = at(body.value, "data")
    if verb in _LEFT:
        where = next((path for path in _ADDRESSES if text_at(data, path)), "email")
        return (opted_out(at(data, where), f"data.{where}", verb, time_of(at(body.value, "timestamp"))),)
    if isinstance(data, list):
        return map_generic(replace(body, value=data), rules)
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
    preset=Preset(
        "Standard Webhooks",
        (
            "In the sender's webhook settings (Svix and many others), add the endpoint {url}",
            "Copy the signing secret (whsec_…) that it shows and give it here.",
        ),
        b'{"type": "lead.created", "timestamp": "2026-05-04T14:22:00Z", "data": {"name": "Sam Sample", "email":'
        b' "sam.sample@example.com", "message": "A sample submission."}}',
        kind="lead",
        trust=0.8,
        secret="theirs",
    ),
)  # fmt: skip
