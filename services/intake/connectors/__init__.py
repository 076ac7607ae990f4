"""One file a tool. A new one is a file here, a line in ADAPTERS, recorded bodies in its test, and a line in the README."""

from services.intake.connectors import (
    calendly,
    elementor,
    generic_form,
    generic_json,
    google_ads,
    gravity_forms,
    hubspot_forms,
    jotform,
    linkedin_lead_sync,
    meta_lead_ads,
    standard_webhooks,
    tally,
    typeform,
    webflow,
)
from services.intake.domain.adapter import Adapter

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        calendly.ADAPTER,
        elementor.ADAPTER,
        generic_form.ADAPTER,
        generic_json.ADAPTER,
        google_ads.ADAPTER,
        gravity_forms.ADAPTER,
        hubspot_forms.ADAPTER,
        jotform.ADAPTER,
        linkedin_lead_sync.ADAPTER,
        meta_lead_ads.ADAPTER,
        standard_webhooks.ADAPTER,
        tally.ADAPTER,
        typeform.ADAPTER,
        webflow.ADAPTER,
    )
}
"""Adapters by name; `adapter:` in policy/sources.yaml picks one."""
