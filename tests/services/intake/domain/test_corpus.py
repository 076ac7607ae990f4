"""The generic mapper against bodies as tools post them, and against the same body in every container and case style."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.connectors import ADAPTERS
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import LeadFacts
from tests.services.intake.domain.corpus import FIELDS, cases, mapped, scored

BATCHES = ("bodies", "bodies_second", "bodies_third", "bodies_fourth")
RULES = IntakeSource(adapter="generic_json", trust=0.5)


@pytest.mark.parametrize("batch", BATCHES)
def test_precision_and_recall_by_field(batch: str) -> None:
    score = scored(batch)
    told = "\n".join(score.told)
    assert score.wrong["email"] == 0, told
    assert min(score.precision("email"), score.recall("email"), score.recall("items")) >= 0.99, told
    for name in ("name", "company", "phone", "message"):
        assert min(score.precision(name), score.recall(name)) >= 0.95, f"{name}\n{told}"
    assert sum(score.wrong[name] + score.missed[name] for name in FIELDS) <= 0.05 * sum(score.hits.values()), told


def test_the_corpus_is_wide() -> None:
    titles = [title for batch in BATCHES for title, _ in cases(batch)]
    assert len(titles) >= 200
    assert len({title.partition("/")[0] for title in titles}) >= 90
    assert len(titles) == len(set(titles))


def test_every_fact_has_its_quote_and_place_and_says_how_sure_it_is() -> None:
    for batch in BATCHES:
        for _, case in cases(batch):
            for item in mapped(case):
                facts = item.fields.values() if isinstance(item, LeadFacts) else ()
                assert all(fact.quote and fact.where is not None and 0.5 <= fact.confidence <= 1 for fact in facts)


def test_what_is_unsure_names_places_and_no_values() -> None:
    for title, case in cases("bodies"):
        for item, wanted in zip(mapped(case), case["expected"], strict=True):
            if wanted.get("unmapped"):
                assert "@" not in repr(item), title


def snake(words: list[str]) -> str:
    return "_".join(words)


def camel(words: list[str]) -> str:
    return words[0] + "".join(word.title() for word in words[1:])


def kebab(words: list[str]) -> str:
    return "-".join(words)


def title(words: list[str]) -> str:
    return " ".join(word.title() for word in words)


def screaming(words: list[str]) -> str:
    return "_".join(words).upper()


STYLES: list[Callable[[list[str]], str]] = [snake, camel, kebab, title, screaming, lambda words: title(words) + " *"]
KNOWN = {
    "first_name": "Maren", "last_name": "Holt", "work_email": "maren@kestrelworks.com", "company_name": "Kestrel Works",
    "phone_number": "+14155552671", "job_title": "Buyer", "message": "Please call me back.", "utm_source": "ads",
    "utm_campaign": "spring", "country": "DE",
}  # fmt: skip
TRUTH: dict[str, JsonValue] = {
    "first_name": "Maren", "last_name": "Holt", "name": "Maren Holt", "email": "maren@kestrelworks.com",
    "company": "Kestrel Works", "phone": "+14155552671", "title": "Buyer", "message": "Please call me back.",
    "utm_source": "ads", "utm_campaign": "spring", "country": "DE",
}  # fmt: skip
Packed = tuple[bytes, str]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def as_json(value: Any) -> Packed:
    return json.dumps(value).encode(), JSON


def as_xml(fields: dict[str, str]) -> Packed:
    tags = "".join(
        f"<{key}>{escape(value)}</{key}>" if re.fullmatch(r"[A-Za-z_-]+", key)
        else f'<field name="{escape(key)}">{escape(value)}</field>'
        for key, value in fields.items()
    )  # fmt: skip
    return f"<lead>{tags}</lead>".encode(), "application/xml"


def as_multipart(fields: dict[str, str]) -> Packed:
    parts = [f'--b\nContent-Disposition: form-data; name="{key}"\n\n{value}\n' for key, value in fields.items()]
    return "".join([*parts, "--b--\n"]).encode(), "multipart/form-data; boundary=b"


CONTAINERS: dict[str, Callable[[dict[str, str]], Packed]] = {
    "flat": as_json,
    "nested": lambda fields: as_json({"event": "lead.created", "data": {"lead": fields}}),
    "contact": lambda fields: as_json({"id": 7, "contact": fields, "form": {"name": "Contact us"}}),
    "list of one": lambda fields: as_json([fields]),
    "labels": lambda fields: as_json({"fields": [{"label": key, "value": value} for key, value in fields.items()]}),
    "questions": lambda fields: as_json({"r": {"answers": [{"question": k, "answer": v} for k, v in fields.items()]}}),
    "titles": lambda fields: as_json({"data": [{"title": k, "type": "t", "value": v} for k, v in fields.items()]}),
    "keyed": lambda fields: as_json(
        {"fields": {f"f{n}": {"name": k, "value": v} for n, (k, v) in enumerate(fields.items())}}
    ),
    "pairs": lambda fields: as_json([[key, value] for key, value in fields.items()]),
    "single keys": lambda fields: as_json({"answers": [{key: value} for key, value in fields.items()]}),
    "table": lambda fields: as_json({"columns": list(fields), "rows": [list(fields.values())]}),
    "lists of one": lambda fields: as_json({key: [value] for key, value in fields.items()}),
    "text in JSON": lambda fields: as_json({"payload": json.dumps(fields)}),
    "text in text": lambda fields: as_json(json.dumps(json.dumps(fields))),
    "text/plain": lambda fields: (json.dumps(fields).encode(), "text/plain"),
    "form": lambda fields: (urlencode(fields).encode(), FORM),
    "form in brackets": lambda fields: (urlencode({f"lead[{k}]": v for k, v in fields.items()}).encode(), FORM),
    "JSON in a form": lambda fields: (urlencode({"data": json.dumps({"x": fields})}).encode(), FORM),
    "multipart": as_multipart,
    "xml": as_xml,
    "a line each": lambda fields: (json.dumps(fields).encode() + b"\n", "application/x-ndjson"),
}


@given(
    style=st.sampled_from(STYLES),
    container=st.sampled_from(sorted(CONTAINERS)),
    order=st.permutations(sorted(KNOWN)),
)
def test_the_same_facts_in_every_container_and_style(
    style: Callable[[list[str]], str], container: str, order: list[str]
) -> None:
    fields = {style(key.split("_")): KNOWN[key] for key in order}
    body, content_type = CONTAINERS[container](fields)
    (item,) = map_body(ADAPTERS["generic_json"], parse_body(body, content_type), RULES)
    assert isinstance(item, LeadFacts)
    assert {name: fact.value for name, fact in item.fields.items()} == TRUTH
