"""Meta lead ads: several ids a POST, no fields. What Meta does not send is not made up: each lead goes to a person."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at
from services.intake.domain.facts import Item, Unmapped
from services.intake.domain.handshakes import meta_challenge
from services.intake.domain.request import Request
from services.intake.domain.verifiers import Verifier


def map_meta(body: Body, rules: IntakeSource) -> Sequence[Item]:  # noqa: ARG001
    """One unmapped item per lead id; its fields have to be fetched from the Graph API."""
    reason = "Meta sends only the lead's id; its fields have to be fetched"
    found = tuple(Unmapped(reason, ("leadgen_id",)) for _ in _ids(body.value))
    return found or (Unmapped("no leadgen change in it"),)


def _ids(value: JsonValue) -> list[str]:
    found = []
    entries = at(value, "entry")
    for entry in entries if isinstance(entries, list) else []:
        changes = at(entry, "changes")
        for change in changes if isinstance(changes, list) else []:
            lead = at(change, "value.leadgen_id")
            if isinstance(lead, str | int):
                found.append(str(lead))
    return found


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    return " ".join(_ids(value))[:2000] or None


ADAPTER = Adapter(
    "meta_lead_ads",
    map_meta,
    (Verifier("x-hub-signature-256", prefix=b"sha256="),),
    _delivery_id,
    handshake=meta_challenge,
)
