"""Enrich, wired."""

from libs.runtime.service import Resources, Service
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.record_base import RecordBase
from services.enrich.connectors.title import Title
from services.enrich.settings import EnrichSettings
from services.enrich.stage.line import enrich_stage
from services.enrich.stage.records import records_stage
from services.enrich.store import RecordTable


def build(resources: Resources) -> Service:
    """The service: the line's stage with all offline providers, and the stage that keeps its read model of the CRM."""
    records = RecordTable(resources.pool)
    providers = (EmailDomain(), Phone(), PersonName(), Title(), Language(), Campaign(), RecordBase(records))
    line = enrich_stage(resources.policies, providers, EnrichSettings().provider_seconds)
    return Service("enrich", stages=(line, records_stage(records)))
