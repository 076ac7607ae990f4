"""n8n (HTTP Request node): keys of the user's own choosing; items may come in n8n's own wrapping, `[{"json": {…}}]`."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.connectors.generic_json import generic_delivery_id, map_generic
from services.intake.domain.adapter import Adapter, Preset
from services.intake.domain.bodies import Body
from services.intake.domain.facts import Item
from services.intake.domain.verifiers import TOKEN


def map_n8n(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per object, taken out of its wrapping."""
    held = body.value
    value = [_unwrapped(item) for item in held] if isinstance(held, list) else _unwrapped(held)
    return map_generic(replace(body, value=value), rules)


def _unwrapped(item: JsonValue) -> JsonValue:
    """`{"json": {…}, "pairedItem": …}` is n8n's wrapping of an item; its editor's trial runs say so."""
    inner = item.get("json") if isinstance(item, dict) else None
    plain = inner if isinstance(inner, dict) else item
    is_trial = isinstance(plain, dict) and "test" in (plain.get("formMode"), plain.get("executionMode"))
    return {**plain, "is_test": True} if is_trial and isinstance(plain, dict) else plain


ADAPTER = Adapter(
    "n8n",
    map_n8n,
    (TOKEN,),
    generic_delivery_id,
    preset=Preset(
        "n8n",
        (
            "Add an HTTP Request node, method POST, body content type JSON.",
            "Paste {url}; send the fields email, name, company, message and so on, or whole items.",
            "Add a header Idempotency-Key with the trigger's own id, so that a repeated run is known again.",
        ),
        b'[{"json": {"email": "sam.sample@example.com", "name": "Sam Sample", "company": "Example",'
        b' "message": "A sample submission."}, "pairedItem": {"item": 0}}]',
        trust=0.5,
    ),
)
