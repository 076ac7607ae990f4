"""Classify, wired."""

from libs.runtime.service import Resources, Service
from services.classify.connectors.openai import OpenAiEndpoint
from services.classify.settings import EndpointSettings
from services.classify.stage import classify_stage
from services.classify.store import Models


def build(resources: Resources) -> Service:
    """The service with its one stage: the built-in models, and an endpoint when the settings name one."""
    settings, models = EndpointSettings(), Models(resources.settings.data / "classify" / "models")
    if not settings.configured:
        return Service("classify", stages=(classify_stage(resources.policies, models),))
    stage = classify_stage(
        resources.policies,
        models,
        OpenAiEndpoint(settings, resources.settings.data / "classify" / "budget.json"),
        batch_max=settings.batch_max,
        gather_seconds=settings.batch_seconds + 5.0,
    )
    return Service("classify", stages=(stage,))
