"""LeadConduit and those who post as it does: flat or nested fields as JSON or a form, answered with an `outcome`.

Only an id that the flow itself gave a lead names a delivery. A partner's `reference` is often the same for all its
leads, and would make them versions of one.
"""

from pydantic import JsonValue

from services.intake.connectors.generic_json import map_generic
from services.intake.domain.adapter import Adapter, Preset, text_at
from services.intake.domain.deliveries import body_value, by_minute
from services.intake.domain.request import Answer, Request
from services.intake.domain.verifiers import TOKEN

_IDS = ("lead.id", "lead_id", "leadId", "leadid")


def _delivery_id(request: Request, value: JsonValue) -> str:
    said = body_value(request, value)
    return next(filter(None, (text_at(said, name) for name in _IDS)), None) or by_minute(request, said)


ADAPTER = Adapter(
    "leadconduit",
    map_generic,
    (TOKEN,),
    _delivery_id,
    answer=Answer(201, b'{"outcome":"success"}'),
    preset=Preset(
        "LeadConduit",
        (
            "In the flow, add a recipient that posts JSON, such as Custom JSON POST.",
            "Paste {url} and map the flow's fields; map Lead ID to lead.id.",
        ),
        b'{"lead": {"id": "sample"}, "first_name": "Sam", "last_name": "Sample", "email": "sam.sample@example.com",'
        b' "phone_1": "+12025550143", "company": {"name": "Example"}, "comments": "A sample submission."}',
        kind="lead",
        trust=0.5,
    ),
)
