"""Classify, wired."""

from pathlib import Path

from libs.runtime.service import Resources, Service
from services.classify.connectors.openai import OpenAiEndpoint
from services.classify.settings import EndpointSettings
from services.classify.stage import classify_stage
from services.classify.store import load_model

WEIGHTS = Path(__file__).parent / "model.npz"


def build(resources: Resources) -> Service:
    """The service with its one stage: the built-in model, and an endpoint when the settings name one."""
    settings, model = EndpointSettings(), load_model(WEIGHTS)
    if not settings.configured:
        return Service("classify", stages=(classify_stage(resources.policies, model),))
    stage = classify_stage(
        resources.policies,
        model,
        OpenAiEndpoint(settings, resources.settings.data / "classify" / "budget.json"),
        batch_max=settings.batch_max,
        gather_seconds=settings.batch_seconds + 5.0,
    )
    return Service("classify", stages=(stage,))
