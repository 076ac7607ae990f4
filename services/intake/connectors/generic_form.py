"""Any HTML form: urlencoded or multipart, with names of the site's own choosing. Same finding rules as generic JSON."""

from services.intake.connectors.generic_json import generic_delivery_id, map_generic
from services.intake.domain.adapter import Adapter, Preset
from services.intake.domain.verifiers import TOKEN

ADAPTER = Adapter(
    "generic_form",
    map_generic,
    (TOKEN,),
    generic_delivery_id,
    preset=Preset(
        "Any HTML form",
        ("Set the form's action, or the plugin's webhook address, to {url}",),
        b"name=Sam+Sample&email=sam.sample%40example.com&company=Example&message=A+sample+submission.",
        content_type="application/x-www-form-urlencoded",
        trust=0.5,
    ),
)
