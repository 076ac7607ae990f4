"""What each offline provider says, and what it does not say."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.lead import FieldValue
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.title import Title
from services.enrich.domain.findings import Finding
from services.enrich.stage.line import Provider
from tests.services.enrich.makers import POLICY, a_lead

PROVIDERS: tuple[Provider, ...] = (EmailDomain(), Phone(), PersonName(), Title(), Language(), Campaign())


async def said(provider: Provider, **fields: str) -> dict[str, object]:
    """Found values by field."""
    return {
        finding.field: finding.value for finding in await findings(provider, **fields) if finding.outcome == "found"
    }


async def findings(provider: Provider, **fields: str) -> Sequence[Finding]:
    inputs = provider.inputs(a_lead(dict(fields)), POLICY)
    return (await provider.answer([inputs]))[0] if inputs else ()


@pytest.mark.parametrize(
    ("email", "kind", "domain", "country"),
    [
        ("ann@acme.com", "corporate", "acme.com", None),
        ("ann@mail.acme.co.uk", "corporate", "acme.co.uk", "GB"),
        ("ann@acme.de", "corporate", "acme.de", "DE"),
        ("ann@acme.io", "corporate", "acme.io", None),
        ("info@acme.com", "role", "acme.com", None),
        ("sales+demo@acme.com", "role", "acme.com", None),
        ("ann@gmail.com", "free", None, None),
        ("ann@web.de", "free", None, None),
        ("ann@mailinator.com", "disposable", None, None),
        ("ann@shop.myshopify.com", "shared", None, None),
        ("ann@localhost", None, None, None),
        ("not an address", None, None, None),
    ],
)
async def test_email(email: str, kind: str | None, domain: str | None, country: str | None) -> None:
    answers = await said(EmailDomain(), email=email)
    assert (answers.get("email_kind"), answers.get("domain"), answers.get("country")) == (kind, domain, country)


@pytest.mark.parametrize(
    ("fields", "phone", "country", "zone"),
    [
        ({"phone": "+49 30 901820"}, "+4930901820", "DE", "Europe/Berlin"),
        ({"phone": "+1 415 555 2671"}, "+14155552671", "US", "America/Los_Angeles"),
        ({"phone": "030 901820", "country": "DE"}, "+4930901820", "DE", "Europe/Berlin"),
        ({"phone": "030 901820"}, None, None, None),
        ({"phone": "030 901820", "country": "Germany"}, None, None, None),
        ({"phone": "+49 1"}, None, None, None),
        ({"phone": "call me"}, None, None, None),
    ],
)
async def test_phone(fields: dict[str, str], phone: str | None, country: str | None, zone: str | None) -> None:
    answers = await said(Phone(), **fields)
    assert (answers.get("phone"), answers.get("phone_country"), answers.get("time_zone")) == (phone, country, zone)


async def test_a_phone_area_with_several_time_zones_gives_none() -> None:
    answers = {finding.field: finding for finding in await findings(Phone(), phone="+1 800 555 0199")}
    assert answers["time_zone"].outcome == "nothing"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("Dr. María del Carmen García López", "María", "del Carmen García López"),
        ("Lee, Ann", "Ann", "Lee"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Ann", None, None),
        ("ann@acme.com", None, None),
        ("Buyer 42", None, None),
        ("<b>Ann Lee</b>", None, None),
    ],
)
async def test_person_name(name: str, first: str | None, last: str | None) -> None:
    answers = await said(PersonName(), name=name)
    if first == "María":  # which of her names are middle names is not ours to decide; both ends must be hers
        assert answers["first_name"] == "María"
        assert str(answers["last_name"]) in name
    else:
        assert (answers.get("first_name"), answers.get("last_name")) == (first, last)


async def test_names_given_apart_are_left_alone() -> None:
    assert PersonName().inputs(a_lead({"name": "Ann Lee", "first_name": "Ann", "last_name": "Lee"}), POLICY) == {}


@pytest.mark.parametrize(
    ("message", "language"),
    [
        ("We are looking for a way to route support tickets faster.", "en"),
        ("Wir suchen eine Lösung für doppelte Kontakte.", "de"),
        ("Nous cherchons un agent vocal pour notre standard.", "fr"),
        ("Queremos un tablero con indicadores de ventas.", "es"),
        ("ok", None),
        ("12345 67890 12345", None),
        ("!!!", None),
    ],
)
async def test_language(message: str, language: str | None) -> None:
    assert (await said(Language(), message=message)).get("language") == language


@pytest.mark.parametrize(
    ("fields", "channel"),
    [
        ({"utm_medium": "cpc", "utm_source": "google"}, "paid_search"),
        ({"utm_medium": "cpc", "utm_source": "linkedin"}, "paid_social"),
        ({"utm_medium": "display"}, "display"),
        ({"utm_medium": "email"}, "email"),
        ({"utm_source": "linkedin"}, "organic_social"),
        ({"referrer": "https://www.google.de/search?q=x"}, "organic_search"),
        ({"referrer": "https://lnkd.in/abc"}, "organic_social"),
        ({"referrer": "https://blog.example.org/post"}, "referral"),
        ({"referrer": "https://[::1"}, None),
        ({"utm_source": "q2"}, None),
        ({}, None),
    ],
)
async def test_channel(fields: dict[str, str], channel: str | None) -> None:
    assert (await said(Campaign(), **fields)).get("channel") == channel


TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["ann@acme.com", "+4930901820", "CEO", "Ann Lee", "cpc", "https://google.com", "info@gmail.com"]),
)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
@given(email=TEXTS, phone=TEXTS, name=TEXTS, title=TEXTS, message=TEXTS, referrer=TEXTS)
async def test_every_answer_is_evident_or_says_why_not(provider: Provider, **fields: str) -> None:
    """The conformance suite of a provider: it never raises, answers each of its fields, and quotes what it was given."""
    lead = a_lead(dict(fields))
    inputs = provider.inputs(lead, POLICY)
    assert all(inputs.values())
    for finding in (await provider.answer([inputs]))[0] if inputs else ():
        assert finding.field in provider.fields
        if finding.outcome == "found":
            assert finding.value not in (None, "")
            assert 0 < finding.confidence <= 1
            assert finding.evidence
            given = " ".join(" ".join(fields.values()).split()).casefold()
            assert all(" ".join(item.quote.split()).casefold() in given for item in finding.evidence)
        else:
            assert finding.outcome == "nothing"
            assert finding.value is None
            assert finding.reason


def test_a_split_name_is_asked_the_same_question_again() -> None:
    lead = a_lead({"name": "Ann Lee"})
    ours = FieldValue(value="Ann", source=lead.source.model_copy(update={"kind": "provider", "name": "person_name"}))
    again = lead.model_copy(update={"fields": {**lead.fields, "first_name": ours, "last_name": ours}})
    assert PersonName().inputs(again, POLICY) == PersonName().inputs(lead, POLICY)
