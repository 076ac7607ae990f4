"""Mail that comes by webhook: whose words count, charsets, proofs used twice, and what a signature may say."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cli.signing import Unsigned, signed
from libs.contracts.codec import Encoded
from libs.contracts.lead import Position
from libs.contracts.reasons import Disposition
from services.intake.api.receiver import UNAUTHORIZED, Receiver
from services.intake.connectors import ADAPTERS
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.mails import Mail, item_of
from services.intake.domain.request import Answer, Request, Secret
from services.intake.domain.sources import Source
from services.intake.domain.verifiers import verify
from tests.services.intake.connectors.corpus import FOLDER, items, rules
from tests.services.intake.samples import AT, request

KEY = "0123456789abcdef0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
US = "leads@signalbox.example"


def of(mail: Mail, **more: Any) -> Item:
    return item_of(mail, rules("mailgun", **more), {})


def lead(mail: Mail, **more: Any) -> LeadFacts:
    found = of(mail, **more)
    assert isinstance(found, LeadFacts), found
    return found


def test_the_charsets_of_one_body() -> None:
    """Shift JIS, Latin-1 and UTF-8 side by side; bare LF line ends say the same as CRLF."""
    for name in ("charsets", "charsets_lf"):
        raw = (FOLDER / "sendgrid" / f"{name}.multipart").read_bytes()
        with pytest.raises(UnicodeDecodeError):
            raw.decode()
        (found,) = items("sendgrid", parse_body(raw, "multipart/form-data; boundary=xYzZY"))
        assert isinstance(found, LeadFacts)
        said = {field: fact.value for field, fact in found.fields.items()}
        assert said["name"] == "Jörg Müller"
        assert said["message"] == "見積もりのお願い\n\nGrüße aus Köln: wir prüfen 30 Plätze."
        assert [found.fields[field].confidence for field in ("title", "phone", "company")] == [0.6, 0.6, 0.6]
        assert found.fields["email"].confidence == 1.0


def test_sendgrid_signs_with_a_key_pair_and_its_public_half_opens_nothing() -> None:
    private, body = ec.derive_private_key(11, ec.SECP256R1()), (FOLDER / "sendgrid" / "charsets.multipart").read_bytes()
    public = base64.b64encode(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    stamp = str(int(AT.timestamp()))
    proof = base64.b64encode(private.sign(stamp.encode() + body, ec.ECDSA(SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": proof,
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        "Content-Type": "multipart/form-data; boundary=xYzZY",
    }
    verifiers, secrets = ADAPTERS["sendgrid"].verifiers, (Secret("key", public), Secret("address", KEY.encode()))
    assert verify(verifiers, secrets, request(body, headers=headers)).trust == "signed"
    assert verify(verifiers, secrets, request(body, token=KEY)).trust == "token"
    assert not verify(verifiers, secrets[:1], request(body, token=public.decode())).accepted
    assert not verify(verifiers, secrets, request(body + b" ", headers=headers)).accepted
    assert not verify(verifiers, secrets, request(body, headers=headers, at=AT + timedelta(seconds=301))).accepted
    assert not verify(verifiers, (Secret("key", public, None, AT),), request(body, headers=headers)).accepted


def test_postmark_proves_itself_by_a_password_in_the_address() -> None:
    basic = base64.b64encode(f"postmark:{KEY}".encode()).decode()
    secrets = (Secret("a", KEY.encode()),)
    sent = request(b"{}", headers={"Authorization": f"Basic {basic}"})
    assert verify(ADAPTERS["postmark"].verifiers, secrets, sent).trust == "token"
    assert not verify(ADAPTERS["postmark"].verifiers, secrets, request(b"{}")).accepted


class Kept:
    """A log that counts."""

    def __init__(self) -> None:
        self.records: list[Encoded] = []

    async def write(self, record: Encoded) -> Position | None:
        self.records.append(record)
        return None


def mailgun_request(mail: dict[str, str], secret: str = KEY, **more: Any) -> Request:
    _, body = signed("mailgun", secret, Unsigned("", urlencode(mail).encode()), AT)
    return request(body, headers={"Content-Type": FORM}, **more)


async def test_a_stolen_proof_of_mailgun_carries_no_other_mail() -> None:
    log = Kept()
    source = Source("mail", ADAPTERS["mailgun"], rules("mailgun"), (Secret("s", KEY.encode()),), takes_unsigned=False)
    receiver = Receiver(lambda name: source, log)
    sent = mailgun_request({"from": "Ana <ana@acme.example>", "body-plain": "Hello", "Message-Id": "<1@acme.example>"})
    assert (await receiver.received("mail", sent)).status == 200
    assert (await receiver.received("mail", sent)).status == 200, "the same words again are a retry"
    assert {record.key for record in log.records} == {log.records[0].key}, "and the same submission"
    forged = request(sent.body.replace(b"Hello", b"Wire+us"), headers={"Content-Type": FORM})
    assert source.verdict(forged).accepted, "the signature covers no word of the mail"
    assert await receiver.received("mail", forged) == UNAUTHORIZED
    assert source.verdict(sent).trust == "token", "so it proves no more than a token"
    late = request(sent.body, headers={"Content-Type": FORM}, at=AT + timedelta(minutes=6))
    assert await receiver.received("mail", late) == UNAUTHORIZED
    assert len(log.records) == 2


def test_two_tries_of_mailgun_are_one_delivery() -> None:
    mail = {"from": "ana@acme.example", "Message-Id": "<1@acme.example>"}
    tries = [mailgun_request({**mail, "timestamp": stamp}) for stamp in ("1", "2")]
    assert {ADAPTERS["mailgun"].delivery_id(one, None) for one in tries} == {"<1@acme.example>"}
    assert ADAPTERS["mailgun"].answer == Answer(200)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"headers": {"auto-submitted": "auto-replied"}}, "an automatic reply"),
        ({"headers": {"auto-submitted": "auto-generated"}}, "a machine's mail"),
        ({"headers": {"precedence": "bulk"}}, "a mailing list's or bulk mail"),
        ({"headers": {"list-id": "News <news.acme.example>"}}, "a mailing list's or bulk mail"),
        ({"headers": {"list-unsubscribe": "<mailto:x@acme.example>"}}, "a machine's mail"),
        ({"subject": "Automatische Antwort: Angebot"}, "an automatic reply"),
        ({"subject": "Out of Office"}, "an automatic reply"),
        ({"subject": "Undeliverable: Hello"}, "a bounce"),
        ({"sender": "MAILER-DAEMON@mx.acme.example"}, "a bounce"),
        ({"envelope_from": ""}, "a bounce"),
        ({"headers": {"return-path": "<>"}}, "a bounce"),
        ({"headers": {"content-type": "multipart/report; report-type=delivery-status"}}, "a bounce"),
    ],
)
def test_machines_mail_is_told_apart(change: dict[str, Any], why: str) -> None:
    found = of(Mail(**{"sender": "Ana <ana@acme.example>", "to": US, "text": "Hello", **change}))
    assert found == NotALead(Disposition.AUTOMATIC, why)


def test_ordinary_mail_is_not_taken_for_a_machines() -> None:
    assert lead(Mail("ana@acme.example", text="Hi", to=US, headers={"auto-submitted": "no"}))
    group = {"list-id": "<sales.signalbox.example>", "precedence": "list"}
    assert lead(Mail("ana@acme.example", text="Hi", to="sales@signalbox.example", headers=group))
    assert lead(Mail("ana@gmail.com", text="Hi", to="leads@gmail.com")), "a free mailbox is nobody's own domain"


def test_our_own_mail_and_what_it_passes_on() -> None:
    own = Mail("Bea <bea@signalbox.example>", "Hi", "Hello", to=US)
    assert of(own) == NotALead(Disposition.OWN_MESSAGE, "a mail of our own people")
    theirs = Mail("Bea <bea@other.example>", "Hi", "Hello", to=US)
    assert lead(theirs)
    for named in ("other.example", "bea@other.example", "@other.example"):
        assert isinstance(of(theirs, own_ids=[named]), NotALead)
    notice = Mail("Site <no-reply@forms.example>", "New", "Call me", to=US, reply_to="Ana Ruiz <ana@acme.example>")
    found = lead(notice)
    assert (found.fields["email"].value, found.fields["name"].value) == ("ana@acme.example", "Ana Ruiz")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Ana Ruiz <ana@acme.example>", "Ana Ruiz"), ('"Ruiz, Ana" <ana@acme.example>', "Ana Ruiz"),
        ("ana@acme.example", None), ('"ana@acme.example" <ana@acme.example>', None), ("Sales <ana@acme.example>", None),
        ("Ana Ruiz via Contact <ana@acme.example>", "Ana Ruiz"), ("Ana Ruiz (Acme) <ana@acme.example>", "Ana Ruiz"),
    ],
)  # fmt: skip
def test_names_of_senders(line: str, name: str | None) -> None:
    found = lead(Mail(line, text="Hi", to=US))
    assert (found.fields["name"].value if "name" in found.fields else None) == name


@pytest.mark.parametrize("line", ["(" * 5_000, "<" * 5_000, "," * 5_000, '"' * 5_000, "[" * 5_000])
def test_hostile_senders_break_nothing(line: str) -> None:
    assert isinstance(of(Mail(line, to=line, reply_to=line, text="Hi")), Unmapped)


def test_a_mail_nested_as_none_is_goes_to_a_person() -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(900))
    body = parse_body(urlencode({"email": "From: a@b.example\n" + deep}).encode(), FORM)
    (found,) = items("sendgrid", body)
    assert isinstance(found, Unmapped)


def test_a_sender_that_can_not_be_read_goes_to_a_person() -> None:
    assert isinstance(of(Mail("nobody", text="Hi", to=US)), Unmapped)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"subject": "Unsubscribe"}, True),
        ({"text": "Abmelden"}, True),
        ({"text": "How do I unsubscribe my team later?"}, False),
    ],
)
def test_who_asks_to_leave_leaves(change: dict[str, Any], answer: bool) -> None:
    found = lead(Mail(**{"sender": "Ana <ana@acme.example>", "to": US, "text": "Hello", **change}))
    assert ("do_not_mail" in found.fields) is answer
