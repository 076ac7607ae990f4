"""Versions of a lead: redelivery, correction, re-entry by decisions and commands, links that can be cut again."""

from typing import Any

import pytest
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.events import Answer, Command, LeadReceived, Question, TriageDecided
from libs.contracts.lead import Identity, Lead, Review
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from services.dedupe.domain.records import Delta
from services.dedupe.stage.commands import version_hash
from tests.services.dedupe.fakes import a_lead, changed
from tests.services.dedupe.running import Dedupe

PERSON = Actor(kind="human", id="dana")


def received(lead: Lead, event_id: str = "") -> LeadReceived:
    return LeadReceived(event_id=event_id or ids.derived_id(lead.lead_id, lead.facts_hash), lead=lead)


def command(lead: Lead, name: str, **arguments: JsonValue) -> Command:
    return Command(
        event_id=ids.derived_id(lead.lead_id, name, repr(arguments)), command_id="c", name=name, key=lead.lead_id,
        actor=PERSON, arguments=dict(arguments),
    )  # fmt: skip


def decided(lead: Lead, *answers: tuple[Review | ProposedChange, str, JsonValue]) -> TriageDecided:
    asked = []
    for number, (about, _, _) in enumerate(answers):
        review = about if isinstance(about, Review) else Review(kind="change", reason="queued", stage="enrich")
        proposal = about if isinstance(about, ProposedChange) else None
        asked.append(Question(question_id=f"q{number}", review=review, proposal=proposal))
    return TriageDecided(
        event_id=ids.derived_id(lead.lead_id, "decided", lead.version), lead_id=lead.lead_id, lead_version=lead.version,
        question_hash="h", questions=tuple(asked), actor=PERSON, reenters=True, lead=lead,
        answers=tuple(
            Answer(question_id=f"q{number}", verdict=verdict, value=value)
            for number, (_, verdict, value) in enumerate(answers)
        ),
    )  # fmt: skip


def identity(outcome: Outcome[Any]) -> Identity:
    assert outcome.next is not None
    found = outcome.next.lead.identity
    assert isinstance(found, Identity)
    return found


def test_the_same_facts_again_are_redelivered_and_emit_nothing() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", email="a@acme.example")
    first = dedupe.one(received(lead))
    again = dedupe.one(received(lead, "another event"))
    assert first.next is not None
    assert again == Outcome(answer={"redelivered": lead.lead_id, "version": 1})


def test_corrected_facts_are_the_next_version_of_the_same_lead_and_contact() -> None:
    dedupe = Dedupe()
    first = dedupe.one(received(a_lead("s1", email="a@acme.exmaple", name="Ann Lee")))
    second = dedupe.one(received(a_lead("s1", email="a@acme.example", name="Ann Lee")))
    assert second.next is not None
    assert second.next.lead.version == 2
    assert identity(second).contact == identity(first).contact
    assert identity(second).contact_is_new
    typo = dedupe.one(received(a_lead("s2", email="a@acme.exmaple", name="Ann Lee")))
    assert identity(typo).contact != identity(first).contact


def test_a_correction_that_names_a_known_person_leaves_no_double_behind() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", name="Ann Lee", email="ann@acme.example"))
    dedupe.one(received(a_lead("s1", email="anm@acme.example", name="Ann Lee", facts="typo")))
    second = dedupe.one(received(a_lead("s1", email="ann@acme.example", name="Ann Lee")))
    assert identity(second).contact.id == "ann"
    third = dedupe.one(received(a_lead("s2", email="anm@acme.example", name="Bo Wu")))
    assert identity(third).rule != "exact_email"


def test_a_person_edit_is_proposed_again_on_every_later_version() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", email="a@acme.example", title="Boss")
    dedupe.one(received(lead))
    edited = dedupe.one(command(lead, "reenter", fields={"title": "CTO"}, reason="called her"))
    corrected = dedupe.one(received(a_lead("s1", email="a@acme.example", title="Chief")))
    for outcome in (edited, corrected):
        (change,) = [one for one in outcome.changes if one.record.type == "lead"]
        assert (change.field, change.new, change.actor, change.verified_by) == ("title", "CTO", PERSON, "dana")
    assert corrected.next is not None
    assert corrected.next.lead.version == 3


def test_an_edited_address_is_what_identity_goes_by() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", name="Ann Lee", email="ann@acme.example"))
    lead = a_lead("s1", email="wrong@acme.example", name="Ann Lee")
    dedupe.one(received(lead))
    assert identity(dedupe.one(command(lead, "reenter", fields={"email": "ann@acme.example"}))).contact.id == "ann"


def test_keeping_a_pair_apart_is_never_asked_again() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("company", "acme", name="Acme Robotics", domain="acme.com"))
    first = dedupe.one(received(a_lead("s1", email="zoe@gmail.com", name="Zoe", company="Acme Robotics")))
    assert first.next is not None
    (question,) = first.reviews
    kept = dedupe.one(decided(first.next.lead, (question, "keep_apart", None)))
    assert (identity(kept).verdict, kept.reviews) == ("new", ())
    assert identity(kept).company is not None
    again = dedupe.one(received(a_lead("s2", email="zoe@gmail.com", name="Zoe", company="Acme Robotics")))
    assert again.reviews == ()
    assert "acme" not in {one.record.id for one in identity(again).candidates}
    other = dedupe.one(received(a_lead("s3", email="bob@gmail.com", name="Bob", company="Acme Robotics")))
    assert other.reviews != ()


def test_a_link_by_a_person_counts_for_later_leads_of_the_address() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", name="Ann Lee", email="ann@acme.com", phone="+14155550123"))
    first = dedupe.one(received(a_lead("s1", email="ann@gmail.com", name="Ann Lee", phone="+14155550123")))
    assert first.next is not None
    assert identity(first).verdict == "ambiguous"
    linked = dedupe.one(decided(first.next.lead, (first.reviews[0], "link", "ann")))
    assert (identity(linked).contact.id, identity(linked).decided_by) == ("ann", "dana")
    later = dedupe.one(received(a_lead("s2", email="ann@gmail.com")))
    assert (identity(later).contact.id, identity(later).rule) == ("ann", "exact_email")


def test_a_cut_link_makes_two_people_and_late_events_go_to_the_right_one() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", name="Ann Lee", email="lee@gmail.com"))
    lead = a_lead("s1", email="lee@gmail.com", name="Bob Lee")
    first = dedupe.one(received(lead))
    assert (identity(first).contact.id, len(first.reviews)) == ("ann", 1)
    cut = dedupe.one(command(lead, "unlink", record_id="ann"))
    assert identity(cut).contact.id == ids.record_id("contact", "s1", 0)
    assert cut.reviews == ()
    for submission, name, contact in (("s2", "Ann Lee", "ann"), ("s3", "Bob Lee", identity(cut).contact.id)):
        found = identity(dedupe.one(received(a_lead(submission, email="lee@gmail.com", name=name))))
        assert (found.verdict, found.contact.id) == ("duplicate", contact)
    nameless = identity(dedupe.one(received(a_lead("s4", email="lee@gmail.com"))))
    assert (nameless.verdict, nameless.rule) == ("ambiguous", "address_of_several")
    assert dedupe.index.links[lead.lead_id] == ["ann", identity(cut).contact.id]


def test_two_leads_with_one_open_question_have_one_provisional_contact() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", name="Ann Lee", email="ann@acme.com", phone="+14155550123"))
    asked = {"email": "ann@gmail.com", "name": "Ann Lee", "phone": "+14155550123"}
    first, second = dedupe.batch([received(a_lead("s1", **asked)), received(a_lead("s2", **asked))])
    assert identity(first).contact == identity(second).contact
    assert identity(first).verdict == identity(second).verdict == "ambiguous"
    assert first.next is not None
    apart = dedupe.one(decided(first.next.lead, (first.reviews[0], "keep_apart", "ann")))
    assert identity(apart).contact == identity(first).contact
    assert identity(dedupe.one(received(a_lead("s3", **asked)))).rule == "exact_email"


def test_reentry_keeps_recorded_answers_and_drops_what_later_stages_decided() -> None:
    dedupe = Dedupe()
    out = dedupe.one(received(a_lead("s1", email="a@acme.example"))).next
    assert out is not None
    late = Review(kind="change", reason="queued", stage="enrich")
    early = Review(kind="missing", reason="no name", stage="mapper")
    ref = RecordRef(type="lead", id=out.lead.lead_id)
    source, actor = Source(kind="provider", name="p"), Actor(kind="ai", id="enrich")
    proposal = ProposedChange(
        record=ref, field="industry", new="software", source=source, actor=actor, reason="said so"
    )
    routed = out.lead.model_copy(update={"reviews": (early, late), "proposals": (proposal,)})
    again = dedupe.one(decided(routed, (proposal, "approve", None), (late, "dismiss", None)))
    assert again.next is not None
    assert again.next.lead.reviews == (early,)
    assert again.next.lead.proposals == ()
    (change,) = [one for one in again.changes if one.record.type == "lead"]
    assert (change.field, change.new, change.actor.kind, change.verified_by) == (
        "industry",
        "software",
        "human_approved_ai",
        "dana",
    )


def test_refused_commands_say_why_and_change_nothing() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", email="a@acme.example")
    dedupe.one(received(lead))
    machine = command(lead, "unlink", record_id="x").model_copy(update={"actor": Actor(kind="ai", id="m")})
    stale = command(lead, "reenter", fields={"title": "x"}).model_copy(
        update={"seen_hash": version_hash(lead.lead_id, 7)}
    )
    for refused in (
        command(a_lead("unknown"), "reenter", fields={"title": "x"}), machine, stale, command(lead, "merge"),
        command(lead, "reenter", fields={"no_field": 1}), command(lead, "reenter"), command(lead, "link", record_id="nobody"),
        command(lead, "unlink", record_id=""),
    ):  # fmt: skip
        before = dict(dedupe.index.leads)
        with pytest.raises(Rejected, match=r"invalid: \w"):
            dedupe.one(refused)
        assert dedupe.index.leads == before


def test_what_machines_or_other_answers_decide_does_not_reenter() -> None:
    dedupe = Dedupe()
    out = dedupe.one(received(a_lead("s1", email="a@acme.example"))).next
    assert out is not None
    event = decided(out.lead)
    for ignored in (
        event.model_copy(update={"reenters": False}),
        event.model_copy(update={"actor": Actor(kind="ai", id="m")}),
        event.model_copy(update={"lead": None}),
    ):
        assert dedupe.one(ignored).next is None


def test_a_decision_about_an_older_version_is_put_on_the_newest() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", email="a@acme.example", title="Boss")
    first = dedupe.one(received(lead)).next
    dedupe.one(received(a_lead("s1", email="b@acme.example", title="Boss")))
    ref, source = RecordRef(type="lead", id=lead.lead_id), Source(kind="model", name="m")
    proposal = ProposedChange(
        record=ref, field="title", new="x", source=source, actor=Actor(kind="ai", id="m"), reason="r"
    )
    assert first is not None
    late = dedupe.one(decided(first.lead, (proposal, "edit", "CTO")))
    assert late.next is not None
    assert (late.next.lead.version, late.next.lead.text("email")) == (3, "b@acme.example")


def test_records_that_the_crm_deletes_are_found_no_more_and_old_news_is_ignored() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", 2, name="Ann Lee", email="ann@acme.com"))
    assert dedupe.one(changed("contact", "ann", 1, name="Old", email="old@acme.com")).state is None
    assert dedupe.one(changed("task", "t", 1, name="Call")).state is None
    assert identity(dedupe.one(received(a_lead("s1", email="ann@acme.com")))).contact.id == "ann"
    dedupe.one(changed("contact", "ann", 3))
    assert identity(dedupe.one(received(a_lead("s2", email="ann@acme.com", name="Ann")))).contact_is_new


def test_proposals_fill_only_what_the_crm_has_empty_and_consent_only_tightens() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("contact", "ann", name="Ann Lee", email="ann@acme.com", consent="opted_in"))
    outcome = dedupe.one(
        received(
            a_lead(
                "s1", email="ann@acme.com", name="Ann M. Lee", phone="+14155550123", consent="opted_out", title="CTO"
            )
        )
    )
    proposed = {(one.record.type, one.field): (one.old, one.new) for one in outcome.changes}
    assert proposed["contact", "phone"] == (None, "+14155550123")
    assert proposed["contact", "consent"] == ("opted_in", "opted_out")
    assert ("contact", "name") not in proposed
    assert ("contact", "email") not in proposed
    opted_in = dedupe.one(received(a_lead("s2", email="bo@acme.com", consent="opted_in")))
    assert "consent" not in {one.field for one in opted_in.changes}


def test_an_ambiguous_lead_proposes_nothing_for_the_record_in_question() -> None:
    dedupe = Dedupe()
    dedupe.one(changed("company", "acme", name="Acme Robotics", domain="acme.com"))
    outcome = dedupe.one(received(a_lead("s1", email="zoe@gmail.com", company="Acme Robotics")))
    assert {one.record.type for one in outcome.changes} == {"contact"}
    assert isinstance(outcome.state, Delta)


def refused(lead: Lead, verdict: str, digest: str, *, reenters: bool) -> TriageDecided:
    """A person's no to a queued title, which its question names by its evidence."""
    proposal = ProposedChange(
        record=RecordRef(type="lead", id=lead.lead_id), field="title", new="CTO", reason="queued",
        source=Source(kind="provider", name="directory"), actor=Actor(kind="rule", id="enrich"),
    )  # fmt: skip
    event = decided(lead, (proposal, verdict, "VP"))
    detail: JsonValue = {"field": "title", "new": "CTO", "evidence_hash": digest}
    [question] = event.questions
    told = question.model_copy(update={"review": question.review.model_copy(update={"detail": detail})})
    return event.model_copy(update={"questions": (told,), "reenters": reenters, "event_id": f"no-{digest}"})


def test_what_a_person_refused_goes_with_every_later_version() -> None:
    dedupe, lead = Dedupe(), a_lead("s1", email="a@acme.example")
    first = dedupe.lead(lead)
    assert first.rejected == {}
    kept = dedupe.one(refused(first, "reject", "h1", reenters=False))
    assert (kept.next, kept.answer) == (None, {"remembered": 1})
    late = dedupe.one(command(lead, "reenter", fields={"city": "Oslo"}, reason="called her")).next
    assert late is not None
    assert (late.lead.version, late.lead.rejected) == (2, {"title": ("h1",)})
    edited = dedupe.one(refused(late.lead, "edit", "h2", reenters=True)).next
    assert edited is not None
    assert edited.lead.rejected == {"title": ("h1", "h2")}
    corrected = dedupe.one(received(a_lead("s1", email="b@acme.example"))).next
    assert corrected is not None
    assert corrected.lead.rejected == {"title": ("h1", "h2")}, "a corrected redelivery carries it too"
    assert (
        dedupe.one(refused(corrected.lead, "approve", "h3", reenters=True)).next.lead.rejected == edited.lead.rejected
    )  # type: ignore[union-attr]
