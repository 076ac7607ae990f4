"""Leads that came to somebody, for notes and drafts."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from libs.contracts.change import Evidence, RecordRef
from libs.contracts.events import LeadRouted
from libs.contracts.lead import Claim, Classification, FieldValue, Lead, Route
from libs.injection.masked import masked
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from tests.paths import ROOT
from tests.services.triage.world import FORM
from tests.services.triage.world import lead as plain_lead

OWNER = RecordRef(type="member", id="m1")
MESSAGE = "Hello, we want to route support tickets faster. Our inbox is full every Monday."
QUOTE = "route support tickets faster"
CORPORA = ROOT / "tests" / "corpora" / "attacks"


@cache
def policy() -> Policy:
    """The policy as it is shipped."""
    return load_policy(read_files(ROOT / "policy"))


def classified(message: str, quote: str = "", label: str = "support_automation", *flags: str) -> Classification:
    """A classification whose use case is proven by a quote of the message."""
    at = message.find(quote) if quote else -1
    proof = (Evidence(quote=quote, where=f"lead.message[{at}:{at + len(quote)}]"),) if at >= 0 else ()
    risks = {kind: Claim(label=kind, confidence=1.0) for kind in masked(message).risks}
    return Classification(
        claims={"use_case": Claim(label=label, confidence=0.9, evidence=proof)},
        flags={flag: Claim(label=flag, confidence=0.9) for flag in flags},
        should_route_to_sales=True, confidence=0.9, reason="r", model_version="m", input_hash="h", risks=risks,
    )  # fmt: skip


def a_lead(message: str = MESSAGE, quote: str = QUOTE, *, flags: tuple[str, ...] = (), **fields: Any) -> Lead:
    """A lead that is somebody new, with these fields."""
    held = plain_lead()
    assert held.identity is not None
    told = {"message": message, "language": "en", "first_name": "Bo", "name": "Bo Ek", **fields}
    values = {name: FieldValue(value=value, source=FORM) for name, value in told.items() if value is not None}
    return held.model_copy(
        update={
            "policy_hash": policy().hash,
            "identity": held.identity.model_copy(update={"verdict": "new", "candidates": ()}),
            "fields": values,
            "classification": classified(message, quote, "support_automation", *flags),
        }
    )


def to_owner(**more: Any) -> Route:
    """A route to a member."""
    told = {"destination": "queue", "queue": "inbound_sales", "owner": OWNER, "rule": "inbound", "reason": "score 70"}
    return Route.model_validate({**told, "confidence": 0.9, **more})


def routed(lead: Lead | None = None, route: Route | None = None, number: int = 0) -> LeadRouted:
    """The router's event."""
    held = lead or a_lead()
    return LeadRouted(event_id=f"routed-{held.lead_id}-{held.version}-{number}", lead=held, route=route or to_owner())


def attacks() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The collected attacks: the fields of the honest twin, and of the attack."""
    for file in sorted(CORPORA.glob("*.jsonl")):
        if file.stem != "innocent":
            for line in file.read_text().splitlines():
                record = json.loads(line)
                yield record["twin"], {**record["twin"], **record["attack"]}
