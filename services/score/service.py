"""Score, wired."""

from libs.runtime.service import Resources, Service
from services.score.stage import score_stage


def build(resources: Resources) -> Service:
    """The service with its one stage."""
    return Service("score", stages=(score_stage(resources.policies),))
