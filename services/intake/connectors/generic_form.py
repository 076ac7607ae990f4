"""Any HTML form: urlencoded or multipart, with names of the site's own choosing. Same finding rules as generic JSON."""

from services.intake.connectors.generic_json import generic_delivery_id, map_generic
from services.intake.domain.adapter import Adapter
from services.intake.domain.verifiers import TOKEN

ADAPTER = Adapter("generic_form", map_generic, (TOKEN,), generic_delivery_id)
