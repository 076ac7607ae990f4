"""Make (HTTP, make a request): keys of the user's own choosing. A secret in the address or a header, nothing signed."""

from services.intake.connectors.generic_json import generic_delivery_id, map_generic
from services.intake.domain.adapter import Adapter, Preset
from services.intake.domain.verifiers import TOKEN

ADAPTER = Adapter(
    "make",
    map_generic,
    (TOKEN,),
    generic_delivery_id,
    preset=Preset(
        "Make",
        (
            "Add a module to the scenario: HTTP, Make a request, method POST, body type JSON.",
            "Paste {url}; name the fields email, name, company, message and so on.",
            "Add a header Idempotency-Key with the trigger's own id, so that a repeated run is known again.",
        ),
        b'{"email": "sam.sample@example.com", "name": "Sam Sample", "company": "Example",'
        b' "message": "A sample submission."}',
        trust=0.5,
    ),
)
