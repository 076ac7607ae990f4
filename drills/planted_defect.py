"""Score with a defect: a lead with a telltale address makes its pure decision raise an error that quotes the lead.

Run by the drill `log-canary`: `python -m drills.planted_defect`.
"""

from dataclasses import replace
from datetime import datetime

from libs.contracts.events import LeadClassified, LeadScored
from libs.contracts.outcome import Outcome
from libs.runtime.service import Resources, Service, run
from services.score.service import build
from services.score.stage import Policies, decide

TELLTALE = "@defect-drill.example"


def build_with_defect(resources: Resources) -> Service:
    """The service as it is, but for its decision."""
    service = build(resources)
    return replace(service, stages=tuple(replace(stage, decide=_decide) for stage in service.stages))


def _decide(event: LeadClassified, policies: Policies, now: datetime) -> Outcome[LeadScored]:
    told = event.model_dump_json()
    if TELLTALE in told:
        raise ValueError(f"a defect that quotes all it was given: {told}")
    return decide(event, policies, now)


if __name__ == "__main__":
    run("score", build_with_defect)
