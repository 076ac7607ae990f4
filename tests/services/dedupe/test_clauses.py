"""The clauses of the verdict that depend on more than the lead: trust, suppression, groups, aliases, redirects, context."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.lead import Identity, Lead
from tests.services.dedupe.fakes import NOW, a_lead, changed
from tests.services.dedupe.running import Dedupe
from tests.services.dedupe.test_links import received
from tests.services.dedupe.test_verdict import identity

BASE = (
    changed(
        "company", "acme", name="Acme Robotics", domain="acme.com", aliases=["acme.io"], redirects_to="acmebots.com"
    ),
    changed("company", "labs", name="Acme Labs", domain="acmelabs.com", parent_id="acme"),
    changed("company", "foe", name="Foe Media", domain="foe.com"),
    changed(
        "contact", "ann", name="Ann Lee", email="ann@acme.com", phone="+14155550123", company_id="acme", custom_id="C-1"
    ),
)


def base(*more: Any) -> Dedupe:
    dedupe = Dedupe()
    dedupe.runs([*BASE, *more])
    return dedupe


def suppressed(entry: str, version: int = 1, /, **fields: Any) -> Any:
    return changed("suppression", entry, version, **fields)


def found(dedupe: Dedupe, submission: str = "s9", trust: float = 1.0, **fields: Any) -> Identity:
    lead = a_lead(submission, **fields)
    return identity(dedupe.lead(lead.model_copy(update={"source": lead.source.model_copy(update={"trust": trust})})))


@pytest.mark.parametrize(
    ("trust", "said", "rule"),
    [
        (0.75, {}, "custom_id"), (0.74, {}, "typed_id"), (0.5, {"name": "Ann Lee"}, "custom_id"),
        (0.5, {"phone": "+14155550123"}, "custom_id"), (0.5, {"name": "Eve Poe"}, "typed_id"),
        (0.9, {"name": "Eve Poe"}, "shared_mailbox"),
        (0.1, {"email": "ann@acme.com"}, "custom_id"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("typed", ["C-1", "ann"])
def test_an_id_counts_as_far_as_its_sender_is_trusted(
    trust: float, said: dict[str, str], rule: str, typed: str
) -> None:
    given = found(base(), trust=trust, custom_id=typed, **{"email": "x@gmail.com", **said})
    assert given.rule == rule
    assert (given.contact.id == "ann") is (rule != "typed_id")
    assert (given.verdict == "duplicate") is (rule == "custom_id")


def test_an_id_from_an_open_form_teaches_no_address() -> None:
    dedupe = base()
    assert found(dedupe, "s1", trust=0.5, custom_id="C-1", name="Ann Lee", email="eve@evil.example").contact.id == "ann"
    assert found(dedupe, "s2", email="eve@evil.example").contact.id != "ann"


@pytest.mark.parametrize("named", [{"domain": "foe.com"}, {"record_id": "foe"}, {"domain": "www.foe.com"}])
def test_a_company_that_is_held_back_gets_nobody_silently(named: dict[str, str]) -> None:
    dedupe = base(suppressed("s1", reason="competitor", **named))
    given = found(dedupe, email="new@foe.com", name="New One")
    assert (given.verdict, given.rule, given.company) == ("ambiguous", "held_company", None)
    assert [(one.record.id, one.held_for) for one in given.candidates] == [("foe", ("competitor",))]
    dedupe.one(suppressed("s1", 2, reason="competitor", active=False, **named))
    assert found(dedupe, "s8", email="other@foe.com").rule == "company_domain"


def test_a_company_is_held_back_until_the_end_of_its_entry() -> None:
    for until, rule in ((NOW, "company_domain"), (NOW + timedelta(seconds=1), "held_company")):
        dedupe = base(suppressed("s1", reason="competitor", domain="foe.com", until=until.isoformat()))
        assert found(dedupe, email="new@foe.com", name="New One").rule == rule


@pytest.mark.parametrize("reason", ["customer", "open_opportunity"])
def test_customers_are_attached(reason: str) -> None:
    assert found(base(suppressed("s1", reason=reason, domain="foe.com")), email="new@foe.com").rule == "company_domain"


def test_a_company_whose_record_says_competitor_is_held_back_too() -> None:
    dedupe = base(changed("company", "foe", 2, name="Foe Media", domain="foe.com", competitor=True))
    assert found(dedupe, email="new@foe.com").rule == "held_company"


def test_aliases_attach_and_redirects_ask() -> None:
    dedupe = base()
    assert found(dedupe, "s1", email="z@eu.acme.io").rule == "company_domain"
    asked = found(dedupe, "s2", email="z@acmebots.com")
    assert (asked.verdict, asked.rule, [one.record.id for one in asked.candidates]) == (
        "ambiguous",
        "redirected_domain",
        ["acme"],
    )
    dedupe.one(changed("company", "bots", name="Bots", domain="acmebots.com"))
    own = found(dedupe, "s3", email="y@acmebots.com")
    assert (own.rule, own.company and own.company.id) == ("company_domain", "bots")


@pytest.mark.parametrize(
    ("address", "text"), [("z@acme.com", "Acme Labs Inc"), ("z@acmelabs.com", "Acme Robotics GmbH")]
)
def test_a_group_is_asked(address: str, text: str) -> None:
    given = found(base(), email=address, company=text)
    assert (given.verdict, given.rule, given.company) == ("ambiguous", "company_group", None)
    assert {one.record.id for one in given.candidates} == {"acme", "labs"}


def test_another_name_at_a_known_domain_attaches_and_is_told() -> None:
    given = found(base(), email="z@acme.com", company="Foe Media", website="https://foe.com")
    assert (given.verdict, given.rule, given.company and given.company.id) == ("new", "company_domain", "acme")
    assert given.notes == (
        "The text names Foe Media (known as foe); the address is Acme Robotics's.",
        "The website typed is foe.com; the address is Acme Robotics's.",
    )
    assert found(base(), email="z@acme.com", company="ACME Robotics Inc.", website="acme.io").notes == ()


def test_opportunities_and_activity_travel_with_the_candidates() -> None:
    dedupe = base(
        changed("opportunity", "o1", stage="proposal", contact_id="ann", company_id="acme"),
        changed("opportunity", "o2", stage="closed_won", contact_id="ann"),
        changed("opportunity", "o3", stage="demo", contact_id="ann"),
        changed("activity", "a1", contact_id="ann", kind="call", at="2026-11-03T10:00:00+02:00"),
        changed("activity", "a2", contact_id="ann", kind="mail", at="2026-11-03T09:00:00+00:00"),
        changed("activity", "a3", contact_id="ann", kind="mail", at="2026-10-01T09:00:00+00:00"),
    )
    (candidate,) = found(dedupe, email="ann@acme.com", name="Ann Lee").candidates
    assert (candidate.open_opportunities, candidate.last_activity_at) == (2, "2026-11-03T09:00:00+00:00")
    dedupe.one(changed("opportunity", "o1", 2))
    (candidate,) = found(dedupe, "s8", email="ann@acme.com").candidates
    assert candidate.open_opportunities == 1


def test_a_role_mailbox_updates_the_timeline_and_the_stored_name_stays() -> None:
    dedupe = base(changed("contact", "desk", name="Front Desk", email="info@acme.com", company_id="acme"))
    outcome = dedupe.one(received(a_lead("s1", email="info@acme.com", name="Bo Wu", phone="+14155550199")))
    assert outcome.next is not None
    lead: Lead = outcome.next.lead
    assert (identity(lead).rule, identity(lead).contact.id, outcome.reviews) == ("role_mailbox", "desk", ())
    fields = {one.field for one in outcome.changes if one.record.type == "contact"}
    assert "activity" in fields
    assert not fields & {"name", "first_name", "phone"}
    assert dedupe.index.contacts["desk"].name == "Front Desk"


def test_a_couple_with_one_mailbox_is_asked_and_nothing_is_written_meanwhile() -> None:
    dedupe = base(changed("contact", "mario", name="Mario Rossi", email="rossi@gmail.com"))
    outcome = dedupe.one(received(a_lead("s1", email="rossi@gmail.com", name="Maria Rossi", phone="+14155550199")))
    assert outcome.next is not None
    assert identity(outcome.next.lead).verdict == "ambiguous"
    assert [one.record.type for one in outcome.changes] == []
