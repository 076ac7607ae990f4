"""Readable text of HTML, quotes cut off, signatures read as weak facts; hostile markup costs little and breaks nothing."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.batches import first_element
from services.intake.domain.facts import Draft
from services.intake.domain.markup import as_text, readable
from services.intake.domain.mime import mail_of
from services.intake.domain.replays import Replays
from services.intake.domain.replies import forwarded_from, parts_of
from services.intake.domain.signatures import WEAK, put_signature


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hi &amp; hello</p><div>a<br>b</div>", "Hi & hello\n\na\nb"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("<style>p{x:1}</style><script>alert('<p>')</script>Hi<!-- <b>no</b> -->", "Hi"),
        ("<blockquote>old<br>older</blockquote>new", "> old\n> older\nnew"),
        ('Mail <a href="mailto:ana@acme.example">me</a>', "Mail me (ana@acme.example)"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("<table><tr><td>Seats</td><td>40</td></tr></table>", "Seats 40"),
        ("a<script>never closed <p>b</p>", "a"),
        ("a &nbsp; b &#8364;", "a b €"),
    ],
)
def test_readable(markup: str, text: str) -> None:
    assert readable(markup) == text


def test_plain_text_stays_as_it_is() -> None:
    for text in ("a < b", "R&D at 5 & 6", "line\n  indented", "<3"):
        assert as_text(text) == text


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 4 May 2026 at 10:00, Bob <bob@us.example> wrote:\n> old",
        "On Mon, 4 May 2026 at 10:00, Bob Longname\n<bob@us.example> wrote:\n> old",
        "Am 04.05.2026 um 10:00 schrieb Bob <bob@us.example>:\n> old",
        "Le lun. 4 mai 2026 à 10:00, Bob <bob@us.example> a écrit :\n> old",
        "El lun, 4 may 2026 a las 10:00, Bob (<bob@us.example>) escribió:\n> old",
        "-----Original Message-----\nFrom: Bob\nold",
        "From: Bob <bob@us.example>\nSent: Monday\nTo: Ana\nSubject: Hi\n\nold",
        "Von: Bob <bob@us.example>\nGesendet: Montag\nAn: Ana\nBetreff: Hallo\n\nold",
        "> old\n> older",
    ],
)
def test_quoted_replies_are_cut(quote: str) -> None:
    parts = parts_of(f"We take 50 seats.\n\n{quote}")
    assert parts.message == "We take 50 seats."
    assert "old" in parts.quoted


def test_answers_between_quoted_lines_stay() -> None:
    assert parts_of("> How many?\n50\n> When?\nJune").message == "50\nJune"
    assert parts_of("> only a quote").message == "only a quote"
    assert parts_of("From: Berlin\nTo: Paris\nwe ship parcels").message == "From: Berlin\nTo: Paris\nwe ship parcels"


def test_a_forward_has_its_own_sender() -> None:
    text = "FYI\n\n---------- Forwarded message ---------\nFrom: Ana <ana@acme.example>\nDate: x\nTo: b\n\nHello"
    parts = parts_of(text)
    assert (parts.message, parts.is_forward) == ("FYI", True)
    assert forwarded_from(parts.quoted) == ("Ana <ana@acme.example>", "Hello")


SIGNATURE = ("Ana Ruiz", "Head of Support, Acme Tools GmbH", "T: +49 30 901820 | F: +49 30 901821", "www.acme.example")


def test_a_signature_gives_weak_facts_and_never_stronger_ones() -> None:
    draft = Draft()
    put_signature(draft, SIGNATURE, "text (signature)", "ana@acme.example")
    draft.settle(None)
    assert {name: fact.value for name, fact in draft.facts.items()} == {
        "title": "Head of Support", "company": "Acme Tools GmbH", "phone": "+4930901820", "name": "Ana Ruiz",
    }  # fmt: skip
    assert {fact.confidence for fact in draft.facts.values()} == {WEAK}
    told = Draft()
    told.put("company", "Other Ltd", "form")
    put_signature(told, SIGNATURE, "text (signature)", "ana@acme.example")
    assert told.facts["company"].value == "Other Ltd"


@pytest.mark.parametrize(
    "line", ["Fax: +49 30 901821", "12345 Berlin", "VAT DE123456789", "See you on 04.05.2026 10:00"]
)
def test_what_is_no_phone(line: str) -> None:
    draft = Draft()
    put_signature(draft, (line,), "x", "ana@acme.example")
    assert draft.phone is None


def test_mime_of_eight_bits_is_read_by_its_own_charset() -> None:
    head = "From: a@b.example\r\nContent-Type: text/plain; charset={}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    for charset, text in (
        ("iso-8859-1", "Grüße"),
        ("shift_jis", "見積もり"),
        ("utf-8", "Grüße 見積"),
        ("koi8-r", "Привет"),
    ):
        raw = head.format(charset).encode() + text.encode(charset)
        try:
            seen = raw.decode()
        except UnicodeDecodeError:
            try:
                seen = raw.decode("cp1252")
            except UnicodeDecodeError:
                seen = raw.decode("latin-1")
        mail = mail_of(seen)
        assert mail is not None
        assert mail.text == text


def test_an_attachment_is_not_the_text() -> None:
    mime = (
        "From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        "--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nfile\n"
        "--x\nContent-Type: text/html\n\n<p>words</p>\n--x--\n"
    )
    mail = mail_of(mime)
    assert mail is not None
    assert (mail.text, mail.html.strip()) == ("", "<p>words</p>")


HOSTILE = st.text(alphabet="<>/abp!-\"'= \n&;#xhref", max_size=200) | st.lists(
    st.sampled_from(["<", "<!--", "<a href=mailto:", "<script>", "</p", "&#x", "> ", "From: a@b\n", "On x wrote:\n", "--\n"]),
    max_size=60,
).map("".join)  # fmt: skip


@given(text=HOSTILE)
def test_nothing_written_breaks_the_readers(text: str) -> None:
    parts = parts_of(readable(text))
    put_signature(Draft(), parts.signature, "x", "a@acme.example")
    parts_of(text)
    forwarded_from(text)
    mail_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "<" * 300_000,
        "<!--" * 80_000,
        "<a href='mailto:a@b" * 20_000,
        "<blockquote>" * 30_000,
        "On " * 90_000,
        "From: a@b\n" * 30_000,
    ],
)
def test_hostile_markup_costs_little(text: str) -> None:
    started = time.process_time()
    parts_of(readable(text))
    parts_of(text)
    assert time.process_time() - started < 2


@given(first=st.text(max_size=20), rest=st.lists(st.integers() | st.text(max_size=5), max_size=4))
def test_the_first_element_is_its_own_bytes(first: str, rest: list[object]) -> None:
    for item in (first, {"a": [first, {"b": ']},\\"'}]}, [first], 7, None):
        own = json.dumps(item).encode()
        body = b" [ " + own + b"".join(b" , " + json.dumps(one).encode() for one in rest) + b"]\n"
        assert first_element(body) == own
        assert first_element(own if not own.startswith(b"[") else b"x") == (own if not own.startswith(b"[") else b"x")


def test_a_proof_holds_to_its_first_words_and_the_memory_is_bounded() -> None:
    seen = Replays(max_proofs=2)
    assert [seen.is_replay("s", "t1", said) for said in ("a", "a", "b")] == [False, False, True]
    assert not seen.is_replay("other", "t1", "b")
    assert not seen.is_replay("s", "t2", "a")
    assert not seen.is_replay("s", "t1", "b"), "the oldest went first"
