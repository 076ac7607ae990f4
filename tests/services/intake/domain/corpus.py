"""The corpus of webhook bodies: what tools post, and beside each body the facts a careful reader takes from it.

A file of tests/corpora/bodies is a source: a list of cases `{name, json | form | multipart | text + content_type, expected}`.
`expected` has one entry per item: the facts of a lead, {"not_a_lead": disposition} or {"unmapped": true}. `either` names
fields about which readers may differ; `rules` are the source's policy, `adapter` another than generic_json.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from libs.policy.sources import IntakeSource
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, Unmapped

ROOT = Path(__file__).parents[3] / "corpora"
FIELDS = (
    "email", "name", "company", "phone", "message", "title", "country", "city", "page", "referrer", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "do_not_mail", "consent",
)  # fmt: skip
"""Fields that are scored both ways: a fact that should not be there counts against precision."""
Case = dict[str, Any]


@dataclass
class Score:
    """Counts by field, and what went wrong, for a person to read."""

    hits: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def precision(self, name: str) -> float:
        """Of what was found, the share that is right."""
        return self.hits[name] / max(1, self.hits[name] + self.wrong[name])

    def recall(self, name: str) -> float:
        """Of what was there, the share that was found right."""
        return self.hits[name] / max(1, self.hits[name] + self.missed[name])


def cases(batch: str) -> Iterator[tuple[str, Case]]:
    """Every case of a batch with its title."""
    for path in sorted((ROOT / batch).glob("*.json")):
        for case in json.loads(path.read_text()):
            yield f"{path.stem}/{case['name']}", case


def encoded(case: Case) -> tuple[bytes, str]:
    """The body and Content-Type of a case, as a tool would send them."""
    if "form" in case:
        return urlencode([tuple(pair) for pair in case["form"]]).encode(), "application/x-www-form-urlencoded"
    if "multipart" in case:
        parts = [
            f'--XyZ\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in case["multipart"]
        ]
        return "".join([*parts, "--XyZ--\r\n"]).encode(), "multipart/form-data; boundary=XyZ"
    if "text" in case:
        return case["text"].encode(), case["content_type"]
    return json.dumps(case["json"], ensure_ascii=False).encode(), "application/json"


def mapped(case: Case) -> list[Item]:
    """What intake makes of a case."""
    rules = IntakeSource.model_validate({"adapter": "generic_json", "trust": 0.5, **case.get("rules", {})})
    body, content_type = encoded(case)
    return list(map_body(ADAPTERS[case.get("adapter", "generic_json")], parse_body(body, content_type), rules))


def scored(batch: str) -> Score:
    """The score over all cases of a batch."""
    score = Score()
    for title, case in cases(batch):
        found, expected = mapped(case), case["expected"]
        if len(found) != len(expected):
            score.told.append(f"{title}: {len(found)} items instead of {len(expected)}")
            score.missed["items"] += 1
        for item, wanted in zip(found, expected, strict=False):
            _compare(title, item, wanted, case.get("either", []), score)
    return score


def _compare(title: str, item: Item, wanted: Case, either: list[str], score: Score) -> None:
    kind = "not_a_lead" if isinstance(item, NotALead) else "unmapped" if isinstance(item, Unmapped) else "lead"
    meant = next((name for name in ("not_a_lead", "unmapped") if name in wanted), "lead")
    right = kind == meant and (not isinstance(item, NotALead) or str(item.disposition) == wanted["not_a_lead"])
    score.hits["items"] += right
    score.missed["items"] += not right
    if not right:
        score.told.append(f"{title}: {item} instead of {meant}")
    facts = {name: fact.value for name, fact in item.fields.items()} if isinstance(item, LeadFacts) else {}
    expected = wanted if meant == "lead" else {}
    for name in dict.fromkeys((*expected, *FIELDS)):
        if name in either:
            continue
        held, said = facts.get(name), expected.get(name)
        if said is None and held is None:
            continue
        if said is not None and _same(name, held, said):
            score.hits[name] += 1
            continue
        score.wrong[name] += held is not None
        score.missed[name] += said is not None
        score.told.append(f"{title}: {name} = {held!r} instead of {said!r}")


def _same(name: str, held: Any, said: Any) -> bool:
    if name == "message":
        return isinstance(held, str) and " ".join(str(said).split()) in " ".join(held.split())
    return bool(held == said)
