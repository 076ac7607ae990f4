"""The service is wired by its settings: the built-in model alone, or with an endpoint."""

import pytest

from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_ENRICHED
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.health import Health
from libs.runtime.policies import PublishedPolicies
from libs.runtime.service import Resources
from libs.runtime.settings import RuntimeSettings
from services.classify.service import build


def resources() -> Resources:
    told = RuntimeSettings(kafka="-", database_url="-", tenant_secret="1" * 64, api_token="2" * 32)
    producer = Producer(told.kafka)
    return Resources(told, PublishedPolicies(), producer, RecordReader(told.kafka), Commands(producer, None), Health())


async def test_without_an_endpoint_the_built_in_model_answers() -> None:
    [stage] = build(resources()).stages
    assert (stage.name, stage.consumes, stage.produces, stage.batch_max) == (
        "classify",
        LEAD_ENRICHED,
        (LEAD_CLASSIFIED,),
        500,
    )


async def test_an_endpoint_makes_batches_small_and_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFY_OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("CLASSIFY_OPENAI_MODEL", "gpt")
    [stage] = build(resources()).stages
    assert stage.batch_max == 40
    assert stage.gather_seconds == 30.0
