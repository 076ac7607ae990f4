"""Consent only tightens, over any sequence of leads, links and cuts."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from libs.contracts import ids
from libs.contracts.events import Event
from libs.runtime.errors import Rejected
from tests.services.dedupe.fakes import a_lead, changed
from tests.services.dedupe.running import Dedupe
from tests.services.dedupe.test_links import ADDRESSES, BASE, NAMES, follows
from tests.services.dedupe.test_versions import command, received

CONSENTS = ("opted_in", "opted_out", "unknown", None, None)
MOST = 6


def looseness(fields: dict[str, Any]) -> tuple[bool, bool]:
    """False is tight: mail is refused, consent is withdrawn."""
    return fields.get("do_not_mail") is not True, fields.get("consent") not in ("opted_out", False)


class Consent(RuleBasedStateMachine):
    """A CRM that takes every proposal without asking, so that dedupe alone has to keep consent tight."""

    def __init__(self) -> None:
        super().__init__()
        self.dedupe = Dedupe()
        self.crm: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, int] = {}
        self.tight: dict[str, tuple[bool, bool]] = {}

    @initialize()
    def base(self) -> None:
        self.dedupe.runs(BASE)
        for one in BASE:
            if one.record.type == "contact":
                self.crm[one.record.id], self.versions[one.record.id] = dict(one.fields or {}), 1

    def happens(self, given: Event) -> None:
        try:
            outcome = follows(self.dedupe, given)
        except Rejected:
            return
        touched = set()
        for change in outcome.changes:
            if change.record.type == "contact" and change.field != "activity":
                self.crm.setdefault(change.record.id, {})[change.field] = change.new
                touched.add(change.record.id)
        for record in sorted(touched):
            self.versions[record] = self.versions.get(record, 0) + 1
            self.dedupe.one(changed("contact", record, self.versions[record], **self.crm[record]))
        if outcome.next is not None:
            self.reached(outcome.next.lead, {change.field for change in outcome.changes})

    def reached(self, lead: Any, proposed: set[str]) -> None:
        """An opt-out reaches the contact that a lead is linked to for certain."""
        contact_asked = any(review.detail["about"] == "contact" for review in lead.reviews if review.kind == "identity")
        if lead.value("consent") == "opted_out" and not contact_asked and "activity" in proposed:
            assert self.crm[lead.identity.contact.id].get("consent") == "opted_out"

    @rule(
        number=st.integers(0, MOST), email=st.sampled_from(ADDRESSES), name=st.sampled_from(NAMES),
        consent=st.sampled_from(CONSENTS), mail=st.sampled_from((True, False, None, None)),
    )  # fmt: skip
    def lead(self, number: int, email: str | None, name: str | None, consent: str | None, mail: bool | None) -> None:
        self.happens(received(a_lead(f"s{number}", email=email, name=name, consent=consent, do_not_mail=mail)))

    @rule(number=st.integers(0, MOST), name=st.sampled_from(("link", "unlink")), other=st.integers(0, MOST + 2))
    def person(self, number: int, name: str, other: int) -> None:
        record = ("ann", "lee")[other - MOST - 1] if other > MOST else ids.record_id("contact", f"s{other}", 0)
        self.happens(command(a_lead(f"s{number}"), name, record_id=record))

    @invariant()
    def never_looser(self) -> None:
        for record, fields in self.crm.items():
            now, before = looseness(fields), self.tight.get(record, (True, True))
            assert not any(is_loose and not was for is_loose, was in zip(now, before, strict=True)), (record, fields)
            self.tight[record] = now


TestConsent = Consent.TestCase
TestConsent.settings = settings(max_examples=40, stateful_step_count=12, deadline=None, derandomize=True)
