"""What a message says: only what its reader may see, nothing that anybody can smuggle in, nobody's name in a subject."""

from email import message_from_bytes
from email import policy as mail_policy
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.events import Question
from libs.contracts.lead import Review
from libs.policy.access import RIGHTS
from libs.policy.fields import Role
from services.notify.domain.mail import BadAddress, mail_of
from services.notify.domain.notice import Asked, takes_yes_or_no
from services.notify.domain.shown import HIDDEN, Reader, content_of, said_of
from services.notify.domain.slack import message_of
from tests.services.notify.world import NOW, notice, policy

BERLIN = ZoneInfo("Europe/Berlin")
PLAIN, NAMED = policy("rules: []\n"), policy("subject: with_facts\n")
FORM = Source(kind="model", name="offline")
PROPOSAL = ProposedChange(
    record=RecordRef(type="lead", id="l1"), field="phone", old=None, new="+49 30 1234567", source=FORM,
    actor=Actor(kind="ai", id="m"), reason="quoted",
)  # fmt: skip
QUESTION = Question(question_id="q1", review=Review(kind="change", reason="sure?", stage="classify"), proposal=PROPOSAL)
ASKED = Asked("l1", 1, "h" * 64, QUESTION)


def reader(role: Role, console: str = "https://signalbox.example.com/") -> Reader:
    return Reader(role, BERLIN, console)


@pytest.mark.parametrize("role", get_args(Role))
def test_personal_words_are_for_those_who_may_read_them(role: Role) -> None:
    said = said_of(notice(clock="triage", kind="reminded", due_at=NOW), ASKED, "d1", reader(role), PLAIN)
    everything = "\n".join((said.title, said.who, *said.lines, str(dict(said.data))))
    sees = "personal" in RIGHTS[role]
    assert ("Bo Ek" in everything) == sees
    assert ("fits inbound" in everything) == sees
    assert said.personal == (sees or bool(said.data["facts"]))
    assert (said.choice is not None) == ("decide" in RIGHTS[role])
    assert ("+49" in everything) == (sees and "decide" in RIGHTS[role])
    page = "queue" if "queue" in RIGHTS[role] else "leads"
    assert said.link == f"https://signalbox.example.com/{page}/l1"
    assert "Tue 24 Nov 2026 16:00 (Europe/Berlin)" in everything


def test_buttons_only_for_one_question_that_takes_yes_or_no() -> None:
    waits: dict[str, Any] = {"kind": "reminded", "clock": "triage"}
    boss = reader("manager")
    assert said_of(notice(**waits), None, "d", boss, PLAIN).choice is None
    assert said_of(notice(**waits), Asked("l1", 1, "h"), "d", boss, PLAIN).choice is None
    assert said_of(notice(), ASKED, "d", boss, PLAIN).choice is None, "a notice about something else"
    assert takes_yes_or_no(QUESTION)
    assert not takes_yes_or_no(QUESTION.model_copy(update={"choices": ("link:1", "keep_apart")}))
    assert takes_yes_or_no(QUESTION.model_copy(update={"proposal": None, "choices": ("approve", "reject")}))
    assert not takes_yes_or_no(QUESTION.model_copy(update={"proposal": None}))


def test_a_value_that_the_role_is_not_shown_is_not_in_the_question() -> None:
    hidden = policy("rules: []\n").model_copy()
    contract = hidden.contract("lead", "phone")
    assert contract is not None
    held = contract.model_copy(update={"hidden_from": ("manager",)})
    records = {**hidden.fields.records, "lead": {**hidden.fields.records["lead"], "phone": held}}
    masked = hidden.model_copy(update={"fields": hidden.fields.model_copy(update={"records": records})})
    said = said_of(notice(kind="asked"), ASKED, "d", reader("manager"), masked)
    assert said.choice is not None
    assert said.choice.asks == f"Change lead.phone: {HIDDEN} → {HIDDEN}"
    assert "+49" not in str(said)


def test_a_subject_names_nobody_unless_the_policy_says_so() -> None:
    said = said_of(notice(), None, "d", reader("rep"), PLAIN)
    assert content_of("m", [said], PLAIN).subject == "A lead is yours now"
    assert content_of("m", [said], NAMED).subject == "A lead is yours now: Bo Ek, Acme"
    masked = said_of(notice(), None, "d", reader("viewer"), NAMED)
    assert "Bo Ek" not in content_of("m", [masked], NAMED).subject
    assert content_of("m", [said, said], NAMED).subject == "2 notices from Signalbox"


hostile = st.text(st.one_of(st.characters(), st.sampled_from("\r\n\0<>&\"'\u202e\u2028:@ ")), max_size=60)


@given(hostile, hostile, hostile)
def test_nothing_that_anybody_wrote_becomes_a_header_or_markup(name: str, company: str, text: str) -> None:
    one = notice(
        facts={"name": f"{name}\r\nBcc: all@evil.example", "company": company}, text=text + "<script>x</script>"
    )
    said = said_of(one, None, "d", reader("rep"), NAMED)
    content = content_of("m1", [said], NAMED)
    mail = mail_of(content, "Signalbox <notices@acme.example>", f"Ann {name}", "ann@acme.example", "acme.example", NOW)
    raw = mail.as_bytes()
    read = message_from_bytes(raw, policy=mail_policy.default)
    assert sorted({header.lower() for header in read}) == [
        "auto-submitted", "content-type", "date", "from", "list-id", "message-id", "mime-version", "subject", "to",
        "x-auto-response-suppress",
    ]  # fmt: skip
    assert [one.addr_spec for one in read["To"].addresses] == ["ann@acme.example"]
    html = read.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<script" not in html
    (section, *_) = message_of(content)["blocks"]
    shown = section["text"]["text"].replace("<https://signalbox.example.com/leads/l1|Open in Signalbox>", "")
    assert "<" not in shown
    assert ">" not in shown
    assert len(section["text"]["text"]) <= 3000


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: x@y.example", "a@b.example,c@d.example", "<a@b.example>", "a b@c.example", "nobody", "@x.example",
     "a@b", "ann@ünï.example", "", "a@b.example;c@d.example", '"a b"@c.example', "x" * 250 + "@a.example"],
)  # fmt: skip
def test_an_address_is_one_address(address: str) -> None:
    content = content_of("m1", [said_of(notice(), None, "d", reader("rep"), PLAIN)], PLAIN)
    with pytest.raises(BadAddress) as found:
        mail_of(content, "n@acme.example", "Ann", address, "acme.example", NOW)
    assert address not in str(found.value) or address == ""


def test_the_same_message_has_the_same_id_and_says_that_it_is_automatic() -> None:
    content = content_of("m1", [said_of(notice(), None, "d", reader("rep"), PLAIN)], PLAIN)
    mails = [
        mail_of(content, "Signalbox <n@acme.example>", "Ann", "a@b.example", "acme.example", NOW) for _ in range(2)
    ]
    assert {mail["Message-ID"] for mail in mails} == {"<m1@acme.example>"}
    assert mails[0]["Auto-Submitted"] == "auto-generated"
    assert mails[0]["List-Id"] == "Signalbox notices <notices.acme.example>"
    assert [part.get_content_type() for part in mails[0].iter_parts()] == ["text/plain", "text/html"]
