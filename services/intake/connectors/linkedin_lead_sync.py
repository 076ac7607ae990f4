"""LinkedIn Lead Sync: a lead's URN, no fields; a DELETED action asks to forget it. Signs `hmacsha256=` and the body."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.facts import Item, NotALead, Unmapped
from services.intake.domain.handshakes import linkedin_challenge
from services.intake.domain.request import Request
from services.intake.domain.verifiers import Verifier


def map_linkedin(body: Body, rules: IntakeSource) -> Sequence[Item]:  # noqa: ARG001
    """One item per notice; its fields have to be fetched."""
    if text_at(body.value, "leadAction") == "DELETED":
        return (NotALead(Disposition.CANCELLATION, "LinkedIn asks to delete this response"),)
    return (
        Unmapped("LinkedIn sends only the response's URN; its fields have to be fetched", ("leadGenFormResponse",)),
    )


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    parts = [text_at(value, name) for name in ("leadGenFormResponse", "leadAction", "occurredAt")]
    return " ".join(part for part in parts if part) if parts[0] else None


ADAPTER = Adapter(
    "linkedin_lead_sync",
    map_linkedin,
    (Verifier("x-li-signature", signed=(b"hmacsha256=", "body")),),
    _delivery_id,
    handshake=linkedin_challenge,
)
