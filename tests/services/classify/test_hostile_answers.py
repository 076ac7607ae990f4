"""A thousand hostile answers over HTTP: nothing outside the schema is ever used, and nothing breaks."""

import random
from typing import Any

import pytest

from drills.hostile_model import answer
from libs.contracts.lead import Classification
from libs.policy.taxonomy import Label, LabelledField, Taxonomy
from services.classify.connectors.openai import OpenAiEndpoint
from services.classify.domain.asked import Asked
from services.classify.settings import EndpointSettings
from services.classify.stage import classified
from tests.services.classify.chat_server import Answer, chat_server
from tests.services.classify.makers import DUPLICATES, MODEL, TAXONOMY, asked

COUNT = 1_100
OWN = Taxonomy(
    fields={
        "use_case": LabelledField(
            question="What for?",
            routes=True,
            labels={
                "fleet": Label(definition="Vans"),
                "unknown": Label(definition="-"),
                "cold_chain": Label(definition="Cold"),
            },
        ),
        "region": LabelledField(
            question="Where?", labels={"north": Label(definition="N"), "unknown": Label(definition="-")}
        ),
    },
    flags={"reseller": Label(definition="Sells on")},
)
"""Another company's taxonomy: whatever RevOps write is guarded the same way."""


def within(found: Classification, question: Asked, taxonomy: Taxonomy) -> bool:
    """Labels and flags of the taxonomy, shares between 0 and 1, and quotes that stand in what was asked."""
    claims = [*found.claims.items(), *((flag, claim) for flag, claim in found.flags.items())]
    labels = all(claim.label in taxonomy.fields[name].labels for name, claim in found.claims.items())
    flags = set(found.flags) <= set(taxonomy.flags)
    shares = all(0 <= claim.confidence <= 1 for _, claim in claims) and 0 <= found.confidence <= 1
    texts = [question.message, question.kind, *question.facts.values()]
    quotes = all(any(proof.quote in text for text in texts) for _, claim in claims for proof in claim.evidence)
    return labels and flags and shares and quotes


@pytest.mark.parametrize(("taxonomy", "count"), [(TAXONOMY, COUNT), (OWN, 200)])
async def test_no_hostile_answer_leaves_the_schema(taxonomy: Taxonomy, count: int) -> None:
    rng = random.Random(5)
    with chat_server(lambda body: Answer(body=answer(rng, body))) as server:
        settings = EndpointSettings(
            base_url=server.url, model="gpt", breaker_failures=10**6, retries=0, batch_seconds=60
        )
        endpoint = OpenAiEndpoint(settings)
        questions = [asked(f"{DUPLICATES} Case {number}.", title="VP Sales") for number in range(count)]
        replies: list[Any] = []
        for start in range(0, count, 50):
            replies += await endpoint.ask([(question, taxonomy) for question in questions[start : start + 50]])
        await endpoint.close()
    assert len(server.bodies) == count
    refused = 0
    for question, reply in zip(questions, replies, strict=True):
        found = classified(question, taxonomy, MODEL, reply)
        assert within(found, question, taxonomy)
        refused += not found.answer_hash
    assert refused > 0.8 * count
