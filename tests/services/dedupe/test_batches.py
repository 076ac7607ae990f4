"""A batch of n is n batches of one, over sequences full of collisions; and one person is one contact."""

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.contracts.events import Command, Event, LeadReceived
from libs.contracts.outcome import Outcome
from tests.services.dedupe.fakes import a_lead, changed
from tests.services.dedupe.running import Dedupe

EMAILS = [
    "ann@acme.example",
    "ANN@acme.example",
    "lee@gmail.com",
    "l.ee@gmail.com",
    "info@acme.example",
    "bo@beta.example",
    None,
]
NAMES = ["Ann Lee", "Lee, Ann", "Bob Lee", "Bo Wu", None]
COMPANIES = ["Acme", "ACME Inc", "Acne GmbH", "Beta Works", "Beta Work Ltd", None]
PHONES = ["+14155550123", "+14155550124", None, None]

leads = st.builds(
    lambda number, email, name, company, phone, custom: a_lead(
        f"s{number}", email=email, name=name, company=company, phone=phone, custom_id=custom
    ),
    st.integers(0, 5), st.sampled_from(EMAILS), st.sampled_from(NAMES), st.sampled_from(COMPANIES), st.sampled_from(PHONES),
    st.sampled_from([None, None, None, "C1", "c-ann"]),
)  # fmt: skip
received = leads.map(lambda lead: LeadReceived(event_id=ids.derived_id(lead.lead_id, lead.facts_hash), lead=lead))
records = st.one_of(
    st.builds(
        lambda number, version, name, email, company: changed(
            "contact", f"c{number}", version, **_known(name=name, email=email, company_id=company)
        ),
        st.integers(0, 2), st.integers(1, 3), st.sampled_from(NAMES), st.sampled_from(EMAILS),
        st.sampled_from(["k0", None]),
    ),
    st.builds(
        lambda number, version, name, domain: changed("company", f"k{number}", version, **_known(name=name, domain=domain)),
        st.integers(0, 1), st.integers(1, 3), st.sampled_from(COMPANIES), st.sampled_from(["acme.example", "beta.example", None]),
    ),
)  # fmt: skip
commands = st.builds(
    lambda number, name, record, edit: Command(
        event_id=ids.derived_id("command", number, name, record, repr(edit)), command_id="c", name=name,
        key=ids.lead_id(f"s{number}", 0), actor=Actor(kind="human", id="dana"),
        arguments={"record_id": record, "fields": {"email": edit}},
    ),
    st.integers(0, 5), st.sampled_from(["link", "unlink", "reenter"]),
    st.sampled_from(["c0", "c1", "k0", *(ids.record_id("contact", f"s{n}", 0) for n in range(4))]), st.sampled_from(EMAILS[:4]),
)  # fmt: skip
sequences = st.lists(st.one_of(received, received, received, records, commands), max_size=14)


def _known(**fields: str | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def shown(outcome: Outcome[Any]) -> tuple[object, ...]:
    return (outcome.next, outcome.changes, outcome.reviews, outcome.answer, outcome.state)


@settings(max_examples=150, deadline=None)
@given(sequences)
def test_a_batch_is_as_good_as_singles(events: list[Event]) -> None:
    together, alone = Dedupe(), Dedupe()
    in_batches = together.runs(events)
    one_by_one = [alone.runs([one])[0] for one in events]
    assert [shown(one) for one in in_batches] == [shown(one) for one in one_by_one]
    assert together.index == alone.index
    for outcome in in_batches:
        if outcome.next is not None:
            event(outcome.next.lead.identity.rule)


@settings(max_examples=100, deadline=None)
@given(st.lists(received, min_size=2, max_size=10))
def test_leads_of_one_new_address_share_one_contact(events: list[LeadReceived]) -> None:
    """Without anybody known before, what has one mailbox and no other name is one person."""
    only = [
        LeadReceived(event_id=str(n), lead=a_lead(f"t{n}", email=one.lead.text("email") or None, name="Ann Lee"))
        for n, one in enumerate(events)
    ]
    contacts: dict[str, set[str]] = {}
    for outcome in Dedupe().runs(list(only)):
        assert outcome.next is not None
        lead = outcome.next.lead
        if lead.text("email") and lead.identity.verdict != "ambiguous":
            address = lead.text("email").casefold().replace("l.ee@", "lee@")
            contacts.setdefault(address, set()).add(lead.identity.contact.id)
    assert all(len(found) == 1 for found in contacts.values())
