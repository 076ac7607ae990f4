"""Zapier (Webhooks by Zapier, POST): keys of the user's own choosing. A secret in the address or a header, nothing signed."""

from services.intake.connectors.generic_json import generic_delivery_id, map_generic
from services.intake.domain.adapter import Adapter, Preset
from services.intake.domain.verifiers import TOKEN

ADAPTER = Adapter(
    "zapier",
    map_generic,
    (TOKEN,),
    generic_delivery_id,
    preset=Preset(
        "Zapier",
        (
            "Add an action to the Zap: Webhooks by Zapier, POST, payload type json.",
            "Paste {url}; under Data name the fields email, name, company, message and so on.",
            "Add submissionId with the trigger's own id, so that a replayed run is known again.",
        ),
        b'{"submissionId": "sample", "email": "sam.sample@example.com", "name": "Sam Sample", "company": "Example",'
        b' "message": "A sample submission."}',
        trust=0.5,
    ),
)
