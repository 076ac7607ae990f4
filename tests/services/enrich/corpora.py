"""Labelled corpora for the offline providers; every other row, by its hash, was never tuned on."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.enrich.domain.findings import Finding
from services.enrich.domain.provider import Provider
from tests.paths import ROOT
from tests.services.enrich.makers import POLICY, a_lead

Row = dict[str, Any]


def rows(name: str) -> tuple[Row, ...]:
    """The corpus of this name, labelled by hand before the tables were written."""
    return tuple(
        json.loads(line) for line in (ROOT / "tests" / "corpora" / name / f"{name}.jsonl").read_text().splitlines()
    )


def is_tuned_on(row: Row) -> bool:
    """Which half a row is in. The misses of the other half are counted, never read."""
    written = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).digest()[0] % 2 == 0


async def said(provider: Provider, fields: Mapping[str, str]) -> dict[str, Finding]:
    """What a provider says about a lead with these fields, by field; empty when there is nothing to ask."""
    inputs = provider.inputs(a_lead(dict(fields)), POLICY)
    answers: Sequence[Finding] = (await provider.answer([inputs]))[0] if inputs else ()
    return {finding.field: finding for finding in answers}


async def values(provider: Provider, fields: Mapping[str, str]) -> tuple[object, ...]:
    """The values of the provider's fields, None where it found nothing."""
    answers = await said(provider, fields)
    return tuple(answers[field].value if field in answers else None for field in provider.fields)


async def share_right(
    provider: Provider, half: Sequence[Row], fields: Callable[[Row], Mapping[str, str]], labels: Sequence[str]
) -> float:
    """How many rows of a corpus it reads exactly as labelled, all fields of a row together."""
    right = [await values(provider, fields(row)) == tuple(row[label] for label in labels) for row in half]
    return sum(right) / len(right)
