"""Enrich, wired."""

from libs.runtime import clock
from libs.runtime.service import Resources, Service
from libs.runtime.stage import keeping
from services.enrich.api import create_app
from services.enrich.calls import Calls
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.company_directory import CompanyDirectory
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.record_base import RecordBase
from services.enrich.connectors.title import Title
from services.enrich.directory_store import DirectoryTable
from services.enrich.domain.provider import Network
from services.enrich.erasure import TOMBSTONES
from services.enrich.http.settings import EnrichHttpSettings
from services.enrich.network import NetworkProviders
from services.enrich.rows import rows_of
from services.enrich.settings import EnrichSettings
from services.enrich.stage.commands import ASK, commands_stage
from services.enrich.stage.line import enrich_stage
from services.enrich.stage.records import records_stage
from services.enrich.store import QuestionTable, RecordTable

EFFECTS_AT_ONCE = 8
"""Missed questions that are asked side by side: one that hangs for its whole time holds no other up."""


def build(resources: Resources, network: Network | None = None) -> Service:
    """The service: the line's stage with its providers, the stage for what they missed, and the stage that keeps its read
    model of the CRM. `network` names the providers that a policy wants asked over the network; None: the real ones."""
    network = network or NetworkProviders(
        resources.pool, resources.data_dir, resources.health, EnrichHttpSettings(), clock.now, clock.monotonic
    )
    records, questions, policies = RecordTable(resources.pool), QuestionTable(resources.pool), resources.policies
    directory = DirectoryTable(resources.pool)
    providers = (
        EmailDomain(), Phone(), PersonName(), Title(), Language(), Campaign(), RecordBase(records), CompanyDirectory(directory),
    )  # fmt: skip
    line = enrich_stage(policies, providers, EnrichSettings().provider_seconds, network, questions)
    return Service(
        "enrich",
        tombstones=TOMBSTONES,
        stages=(line, *keeping(rows_of, commands_stage(questions, directory, policies)), records_stage(records)),
        effects={ASK: Calls(policies, providers, network, clock.now).ask},
        effects_at_once=EFFECTS_AT_ONCE,
        app=create_app(directory, resources.commands, resources.settings.api_token, resources.health),
    )
