"""The whole policy, as one immutable value: what every stage decides by."""

from libs.contracts.change import Source
from libs.policy.classification import Models
from libs.policy.drafts import Drafts
from libs.policy.enrichment import Enrichment
from libs.policy.fields import Bands, FieldContract, FieldContracts
from libs.policy.handoff import Handoff
from libs.policy.launch import Launch
from libs.policy.matching import Matching
from libs.policy.notices import Notices
from libs.policy.part import Part
from libs.policy.retention import Retention
from libs.policy.routing import Pools, Routing
from libs.policy.scoring import Scoring
from libs.policy.sla import Sla
from libs.policy.sources import Sources
from libs.policy.suppression import Suppression
from libs.policy.taxonomy import Taxonomy
from libs.policy.territories import Territories
from libs.policy.workflows import WorkflowContract, Workflows


class Policy(Part):
    """One version of the policy; each part is one file of `policy/`. Made by `libs.policy.load.load_policy`."""

    hash: str
    """Hex sha256 of the meaning of all files; leads are stamped with it."""
    fields: FieldContracts
    workflows: Workflows
    sources: Sources
    launch: Launch
    suppression: Suppression
    enrichment: Enrichment
    taxonomy: Taxonomy
    classification: Models
    scoring: Scoring
    routing: Routing
    pools: Pools
    territories: Territories = Territories()
    sla: Sla
    handoff: Handoff = Handoff()
    """Versions from before there was one hand nothing over in writing."""
    drafts: Drafts = Drafts()
    """Versions from before there was one draft no answers."""
    matching: Matching
    notices: Notices = Notices()
    """Versions from before there was one tell nobody outside."""
    retention: Retention = Retention()
    """Versions from before there was one keep everything for ever."""

    def contract(self, record_type: str, field: str) -> FieldContract | None:
        """The contract of a field, or None when the policy does not know it."""
        return self.fields.contract(record_type, field)

    def workflow(self, stage: str) -> WorkflowContract | None:
        """The contract of a stage, or None when it has none; the stage `crm.writes` works under the contract of `crm`."""
        return self.workflows.get(stage) or self.workflows.get(stage.partition(".")[0])

    def bands_of(self, contract: FieldContract) -> Bands:
        """The confidence bands of a field."""
        return self.fields.bands_of(contract)

    def trust_of(self, source: Source) -> float:
        """How far a value's origin is trusted, 0-1."""
        return self.sources.trust_of(source)
