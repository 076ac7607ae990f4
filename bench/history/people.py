"""Who comes and who works: companies whose people come again, teams with absences and caps, made from a seed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from pydantic import JsonValue

from libs.contracts.change import Actor, RecordRef, Source
from libs.contracts.events import RecordChanged
from libs.contracts.lead import (
    Claim,
    Classification,
    FieldValue,
    Identity,
    Lead,
    Position,
    ProviderAnswer,
    Review,
    SubmissionRef,
)

BEGIN = datetime(2026, 9, 1, 6, 0, tzinfo=UTC)
FORM = Source(kind="submission", name="web_form", trust=0.8)
POOLS = ("enterprise", "inbound", "inbound_emea")


def team(random: Random, span: timedelta) -> Iterator[tuple[RecordChanged, datetime]]:
    """Twelve members, who change now and then."""
    for n in range(12):
        name = f"m{n}"
        held: dict[str, JsonValue] = {
            "name": name.upper(), "pools": [POOLS[n % 3], *([POOLS[1]] if n % 4 == 0 else [])], "active": True,
            "weight": random.choice([1, 1, 2, 3]), "languages": list(random.choice([("en",), ("en", "de"), ("de", "fr")])),
            "calendar": random.choice(["sales_us", "sales_emea", ""]),
            "absences": [_absence(random, span) for _ in range(2)],
        }  # fmt: skip
        yield record("member", name, 1, held), BEGIN - timedelta(hours=2)
        for version, share in enumerate(sorted(random.random() for _ in range(3)), 2):
            change = random.choice(_CHANGES) if n != 11 else {"active": version != 3}
            held = {**held, **change}
            yield record("member", name, version, held), BEGIN + span * share
    yield record("calendar", "labour", 1, {"day": "2026-09-07", "country": "US", "closed": True}), BEGIN


_CHANGES: tuple[dict[str, JsonValue], ...] = (
    {"weight": 1}, {"weight": 4}, {"on_hold": True}, {"on_hold": False}, {"daily_cap": 3},
)  # fmt: skip


def _absence(random: Random, span: timedelta) -> dict[str, JsonValue]:
    start = BEGIN + span * random.random()
    return {"from": start.isoformat(), "until": (start + timedelta(hours=random.randrange(4, 60))).isoformat()}


def record(kind: str, record_id: str, version: int, fields: Mapping[str, JsonValue]) -> RecordChanged:
    ref = RecordRef.model_validate({"type": kind, "id": record_id})
    return RecordChanged(record=ref, version=version, fields=dict(fields), actor=Actor(kind="rule", id="crm"))


def records(random: Random, leads: int) -> Iterator[RecordChanged]:
    """Some companies are customers, held back, or somebody's already."""
    for n in sorted({random.randrange(max(4, leads // 3)) for _ in range(max(3, leads // 40))}):
        held: list[dict[str, JsonValue]] = [
            {"customer_status": "customer"}, {"strategic": True}, {"owner": f"m{n % 12}"}, {"owner": "m11"}, {"partner": True},
            {"customer_status": "customer", "owner": f"m{n % 12}"},
        ]  # fmt: skip
        yield record("company", f"company-{n}", 1, random.choice(held))
    yield record(
        "suppression", "s1", 1, {"reason": "never_route", "email": "", "domain": "never.example", "active": True}
    )


def profile(random: Random, number: int) -> dict[str, Any]:
    """The facts of some leads."""
    fields: dict[str, JsonValue] = {
        "email": f"p{number}@{random.choice(['c.example', 'd.example', 'never.example'] if number % 40 == 0 else ['c.example'])}",
        "country": random.choice(["US", "US", "DE", "FR", "BR", None]), "message": random.choice(["Demo please", None]),
        "employees": random.choice([None, 5, 40, 250, 1500, 9000]), "language": random.choice(["en", "de", "fr", None]),
        "seniority": random.choice(["c_level", "manager", None]), "urgency": random.choice(["high", None]),
        "company": random.choice(["Acme", None]), "email_kind": random.choice(["corporate", "free"]),
        "page": random.choice(["/pricing", "/docs", None]), "industry": random.choice(["software", "retail", None]),
        "use_case": random.choice(["voice_ai", "support_automation", None]), "intent": random.choice(["high", "low", None]),
        "domain": "never.example" if number % 40 == 1 else None,
    }  # fmt: skip
    answers = []
    if random.random() < 0.3:
        last = BEGIN - timedelta(days=random.choice([3, 40, 90, 300]))
        answers = [
            ("last_activity_at", last.isoformat()),
            ("owner_note", random.choice(["not a fit", "key account", "hm"])),
        ]
    flags = random.choice([(), (), (), (), (), ("spam",), ("competitor",), ("student",)])
    return {
        "fields": {name: value for name, value in fields.items() if value is not None}, "answers": answers, "flags": flags,
        "confidence": random.choice([0.95, 0.9, 0.85, 0.8, 0.75, 0.5]),
        "kind": random.choice(["demo_request", "webinar", "contact_form", "referral"]),
        "verdict": random.choice(["new", "new", "new", "new", "duplicate", "ambiguous"]), "name": f"profile-{random.random()}",
        "reviews": random.choice([(), (), (), (), ("conflict",), ("change",)]),
    }  # fmt: skip


def leads_of(
    random: Random, leads: int, span: timedelta, profiles: Sequence[dict[str, Any]]
) -> Iterator[tuple[Lead, datetime]]:
    moment = BEGIN
    companies = max(4, leads // 3)
    for n in range(leads):
        moment += span / leads * random.random() * 2
        company = int(companies * random.random() ** 2)
        found = profiles[random.randrange(len(profiles))]
        contact = f"contact-{company}-{random.randrange(3)}"
        yield _lead(f"l{n}", found, contact, f"company-{company}", moment), moment
        if random.random() < 0.08:
            changed = profiles[random.randrange(len(profiles))]
            again = _lead(f"l{n}", changed, contact, f"company-{company}", moment, 2)
            yield again, moment + timedelta(hours=random.random() * 30)


def _lead(
    name: str, profile: Mapping[str, Any], contact: str, company: str, received: datetime, version: int = 1
) -> Lead:
    classification = _classified(profile["name"], profile["flags"], profile["confidence"])
    identity = Identity.model_construct(
        verdict=profile["verdict"], rule="r", contact=RecordRef(type="contact", id=contact), contact_is_new=False,
        company=RecordRef(type="company", id=company), company_is_new=False, candidates=(), notes=(),
    )  # fmt: skip
    return Lead.model_construct(
        lead_id=name, version=version, submission=_SUBMISSION.model_copy(update={"received_at": received}),
        facts_hash=f"{profile['name']}", source=FORM, form=None,
        kind=profile["kind"], submitted_at=BEGIN, policy_hash="", partition_key="k", subject_key_id="k",
        fields={key: FieldValue.model_construct(value=value, source=FORM) for key, value in profile["fields"].items()},
        identity=identity, answers=_answers(profile["name"], tuple(profile["answers"])), summary=(),
        classification=classification, score=None, route=None, proposals=(),
        reviews=tuple(Review(kind=kind, reason="r", stage="enrich") for kind in profile["reviews"]), rejected={},
    )  # fmt: skip


_SUBMISSION = SubmissionRef(
    submission_id="s", position=Position(topic="t", partition=0, offset=0), sha256="0" * 64, received_at=BEGIN
)


@cache
def _classified(name: str, flags: tuple[str, ...], confidence: float) -> Classification:
    return Classification(
        claims={}, flags={flag: Claim(label=flag, confidence=0.9) for flag in flags}, should_route_to_sales=not flags,
        confidence=confidence, reason="r", model_version="m", input_hash=name,
    )  # fmt: skip


@cache
def _answers(name: str, told: tuple[tuple[str, str], ...]) -> tuple[ProviderAnswer, ...]:
    return tuple(
        ProviderAnswer(
            provider="crm", field=key, outcome="found", value=value, confidence=1.0, input_hash=name, at=BEGIN
        )
        for key, value in told
    )
