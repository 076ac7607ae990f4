"""Names to fields, values to facts, and the hashes and keys that everything later hangs on."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from libs.contracts.fields import LEAD_FIELDS
from services.intake.domain.aliases import field_of
from services.intake.domain.entries import MAX_ENTRIES, Entry, at, entries_of
from services.intake.domain.facts import Draft, Fact, LeadFacts, facts_hash, identity_key
from services.intake.domain.vocabulary import NAMES as ALIASES
from services.intake.domain.vocabulary import PHRASES
from tests.services.intake.samples import AT


def drafted(value: JsonValue) -> Draft:
    draft = Draft()
    draft.assign(entries_of(value))
    draft.settle(None)
    return draft


def test_every_alias_names_a_lead_field() -> None:
    assert set(ALIASES) <= set(LEAD_FIELDS)
    assert {field for field, _ in PHRASES} <= set(LEAD_FIELDS)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("email", "email"), ("E-Mail-Adresse", "email"), ("your-email", "email"), ("Work Email *", "email"),
        ("userEmail", "email"),
        ("What is your e-mail address?", "email"), ("companyDomain", "domain"), ("utmCampaign", "utm_campaign"),
        ("utm_source", "utm_source"), ("first_name", "first_name"), ("Vorname", "first_name"), ("Prénom", "first_name"),
        ("q3_fullName", "name"), ("Company size", "employees"), ("How many seats do you need?", "seats"),
        ("Company name", "company"), ("Where do you work?", "company"), ("When do you want to start?", "timeline"),
        ("How can we help?", "message"), ("I agree to the newsletter", "consent"), ("phoneNumber", "phone"),
        ("jobTitle", "title"),
        ("form_name", None), ("userAgent", None), ("owner_name", None), ("xyz", None), ("id", None),
    ],
)  # fmt: skip
def test_fields_by_name(name: str, field: str | None) -> None:
    found = field_of(name)
    assert (found[0] if found else None) == field


def test_nested_names_mean_what_their_parents_say() -> None:
    facts = drafted(
        {
            "contact": {"name": "Ana Ruiz", "email": "ana@acme.com"},
            "company": {"name": "Acme", "domain": "acme.com", "size": 50},
            "form": {"name": "Contact us", "title": "x"},
            "agent": {"name": "Bob"},
        }
    ).facts
    assert {name: fact.value for name, fact in facts.items()} == {
        "name": "Ana Ruiz", "email": "ana@acme.com", "company": "Acme", "domain": "acme.com", "employees": 50,
    }  # fmt: skip


def test_label_and_value_lists() -> None:
    facts = drafted(
        {
            "fields": [
                {"label": "Business e-mail", "value": "ana@acme.com"},
                {"name": "favourite colour", "value": "blue"},
            ]
        }
    ).facts
    assert facts["email"] == Fact("ana@acme.com", "ana@acme.com", "fields[0].value", 1.0)
    assert facts["message"].value == "favourite colour: blue"


def test_the_work_address_wins_and_the_surest_name_wins() -> None:
    assert drafted({"email": "ana@gmail.com", "work_email": "ana@acme.com"}).facts["email"].value == "ana@acme.com"
    assert drafted({"What is your company": "Wrong Ltd", "company": "Acme"}).facts["company"].value == "Acme"


def test_an_address_is_found_by_its_look_unless_it_is_somebody_elses() -> None:
    assert drafted({"to": "sales@us.com", "x7": "ana@acme.com"}).facts["email"].confidence < 1
    assert "email" not in drafted({"to": "sales@us.com", "assigned_owner": "bob@us.com"}).facts


def test_an_address_that_is_none_is_not_taken() -> None:
    assert "email" not in drafted({"email": "ask me"}).facts


def test_phone_by_country_and_as_typed() -> None:
    assert drafted({"phone": "030 901820", "country": "de"}).facts["phone"].value == "+4930901820"
    assert drafted({"phone": "030 901820"}).facts["phone"].value == "030 901820"
    assert "phone" not in drafted({"phone": "n/a"}).facts


def test_utm_of_the_page() -> None:
    facts = drafted({"page_url": "https://x.example/p?utm_source=ads&UTM_Medium=cpc&q=1"}).facts
    assert (facts["utm_source"].value, facts["utm_medium"].value) == ("ads", "cpc")


def test_paths() -> None:
    body: JsonValue = {"a": [{"b": 1}], "data.json": {"x": 2}}
    assert (at(body, "a.0.b"), at(body, "data.json.x"), at(body, "a.1.b"), at(body, "a.b"), at(body, "")) == (
        1,
        2,
        None,
        None,
        body,
    )


def lead(**more: object) -> LeadFacts:
    fields = {"email": Fact("ana@acme.com", "ana@acme.com", "email")}
    return LeadFacts(**{"fields": fields, "kind": "lead", **more})  # type: ignore[arg-type]


def test_the_facts_hash_is_about_what_was_said() -> None:
    same = lead(fields={"email": Fact("ana@acme.com", " Ana@Acme.com", "contact.mail", 0.85)})
    assert facts_hash(lead()) == facts_hash(same)
    others = [
        lead(kind="webinar"), lead(form="f"), lead(submitted_at=AT), lead(submitted_at=AT + timedelta(seconds=1)),
        lead(fields={"email": Fact("bo@acme.com", "", "")}),
    ]  # fmt: skip
    assert len({facts_hash(one) for one in [lead(), *others]}) == 6


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"email": "ana@mail.acme.co.uk"}, "domain:acme.co.uk"), ({"email": "a.na+x@gmail.com"}, "email:ana@gmail.com"),
        ({"email": "ana@gmail.com", "domain": "acme.com"}, "email:ana@gmail.com"),
        ({"phone": "+14155552671", "domain": "acme.com"}, "domain:acme.com"), ({"phone": "+14155552671"}, "phone:+14155552671"),
        ({"phone": "030 901820"}, "submission:s1"), ({"phone": "+49 no number"}, "submission:s1"), ({}, "submission:s1"),
        ({"email": "Ana <ana@acme.wixsite.com>"}, "email:ana@acme.wixsite.com"),
        ({"domain": "acme.wixsite.com"}, "submission:s1"),
    ],
)  # fmt: skip
def test_identity_key(fields: dict[str, str], key: str) -> None:
    item = lead(fields={name: Fact(value, value, name) for name, value in fields.items()})
    assert identity_key(item, "s1", ("wixsite.com",)) == key


NAMES = ["email", "name", "value", "label", "company", "phone", "page", "a.b", "", "[0]", "title"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30)
    | st.sampled_from(["ana@acme.com", "+14155552671", "https://a.example/?utm_source=%ff", "[x", "http://[", "on"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_total_and_only_known_fields(value: JsonValue) -> None:
    facts = drafted(value).facts
    assert set(facts) <= set(LEAD_FIELDS)
    assert all(fact.quote and fact.where is not None for fact in facts.values())


@given(JSON, st.text(max_size=12))
def test_paths_are_total(value: JsonValue, path: str) -> None:
    at(value, path)


def test_deep_and_wide_bodies_are_bounded() -> None:
    deep: JsonValue = "x"
    for _ in range(60):
        deep = {"a": deep}
    assert entries_of(deep) == []
    assert len(entries_of({f"k{n}": n for n in range(5_000)})) == MAX_ENTRIES


def test_answers_that_are_no_field_join_the_message() -> None:
    draft = Draft()
    draft.assign(
        [Entry(("message",), "We need help", "m"), Entry(("Favourite tool?",), "none", "a[1]", is_answer=True)]
    )
    assert draft.facts["message"].value == "We need help\nFavourite tool?: none"
    assert draft.facts["message"].quote == "We need help"
