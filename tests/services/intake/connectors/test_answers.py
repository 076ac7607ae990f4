"""What senders get back: Salesforce's drop-in form sends browsers on, but only where that is safe; and the other answers."""

import asyncio
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.contracts.codec import Encoded
from libs.contracts.lead import Position
from services.intake.api.receiver import Receiver
from services.intake.connectors import ADAPTERS
from services.intake.connectors.web_to_lead import redirect_target
from services.intake.domain.request import Answer, Request, Secret
from services.intake.domain.sources import Source
from tests.services.intake.connectors.corpus import rules
from tests.services.intake.samples import request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PAGE = "https://www.okafor.example/contact"
HOSTS = ("partner.example", " .Shop.Example. ")


class Kept:
    """Keeps records in a list."""

    def __init__(self) -> None:
        self.records: list[Encoded] = []

    async def write(self, record: Encoded) -> Position | None:
        self.records.append(record)
        return Position(topic=record.topic, partition=0, offset=len(self.records) - 1)


def posted(tool: str, sent: Request, kept: Kept, *secrets: Secret, hosts: tuple[str, ...] = ()) -> Answer:
    source = Source(tool, ADAPTERS[tool], rules(tool, redirect_hosts=list(hosts)), secrets, takes_unsigned=not secrets)
    return asyncio.run(Receiver({tool: source}.get, kept).received(tool, sent))


def web_to_lead(ret: str | None, kept: Kept, **headers: str) -> Answer:
    fields = {"oid": "00D", "email": "ngozi@okafor.example"} | ({} if ret is None else {"retURL": ret})
    sent = request(urlencode(fields).encode(), headers=FORM | headers)
    return posted("web_to_lead", sent, kept, hosts=HOSTS)


@pytest.mark.parametrize(
    ("ret", "location"),
    [
        ("https://www.okafor.example/thanks?a=1#top", "https://www.okafor.example/thanks?a=1#top"),
        ("http://www.okafor.example/thanks", "http://www.okafor.example/thanks"),
        ("https://WWW.OKAFOR.example:8443/t", "https://WWW.OKAFOR.example:8443/t"),
        ("https://www.okafor.example/danke schön".replace(" ", "%20"), "https://www.okafor.example/danke%20sch%C3%B6n"),
        ("https://partner.example/t", "https://partner.example/t"),
        ("https://eu.shop.example/t", "https://eu.shop.example/t"),
    ],
)  # fmt: skip
def test_a_browser_goes_back_to_its_page_or_where_the_policy_says(ret: str, location: str) -> None:
    kept = Kept()
    answer = web_to_lead(ret, kept, Referer=PAGE)
    assert (answer.status, dict(answer.headers)) == (302, {"location": location})
    assert len(kept.records) == 1


@pytest.mark.parametrize(
    "ret",
    [
        None, "", "/thanks", "//evil.example/", "javascript:alert(1)", "data:text/html,x", "https://evil.example/",
        "https://www.okafor.example@evil.example/", "https://www.okafor.example\\@evil.example/",
        "https://evil.example\\.partner.example/", "https://notpartner.example/", "https://partner.example.evil.example/",
        "https://www.okafor.example/\r\nSet-Cookie: a=b", "https://www.okafor.example/ x", "https://www.okafor.example:x/",
        "https://user@partner.example/", "https://pаrtner.example/", "https://okafor.example/", "ftp://partner.example/",
        "https://[::1", "https://partner.example/" + "a" * 3000,
    ],
)  # fmt: skip
def test_it_is_no_redirector_for_anybody_else_and_the_lead_is_kept(ret: str | None) -> None:
    kept = Kept()
    answer = web_to_lead(ret, kept, Referer=PAGE)
    assert (answer.status, answer.headers, answer.content_type) == (200, (), "text/html; charset=utf-8")
    assert b"Thank you" in (answer.body or b"")
    assert len(kept.records) == 1


def test_the_origin_counts_before_the_referer() -> None:
    other = "https://other.example/thanks"
    assert web_to_lead(other, Kept(), Origin="https://other.example", Referer=PAGE).status == 302
    assert web_to_lead("https://www.okafor.example/", Kept(), Origin="null", Referer=PAGE).status == 200
    assert web_to_lead(other, Kept()).status == 200


@given(
    wanted=st.text(max_size=40)
    | st.builds("https://{}partner.example{}".format, st.text(max_size=6), st.text(max_size=6)),
    came_from=st.text(max_size=20) | st.just(PAGE),
)
@example(wanted="https://partner.example\t.evil.example/", came_from="")
@example(wanted="https://partner.example。evil.example/", came_from="")
def test_what_it_sends_a_browser_to_is_plain_and_allowed(wanted: str, came_from: str) -> None:
    target = redirect_target(wanted, HOSTS, came_from)
    if target is not None:
        parts = urlsplit(target)
        assert parts.scheme in ("http", "https")
        assert target.isascii()
        assert not any(character in target for character in "\r\n\t\\ ")
        host = (parts.hostname or "").rstrip(".")
        allowed = (urlsplit(PAGE).hostname, urlsplit(came_from).hostname, "partner.example", "shop.example")
        assert host in allowed or host.endswith((".partner.example", ".shop.example"))


def test_a_form_with_several_return_addresses_gets_the_page() -> None:
    body = b"email=a%40a.example&retURL=" + quote(PAGE).encode() + b"&retURL=" + quote(PAGE).encode()
    assert posted("web_to_lead", request(body, headers=FORM | {"Referer": PAGE}), Kept()).status == 200


@pytest.mark.parametrize(
    ("tool", "status", "body"),
    [("leadconduit", 201, b'{"outcome":"success"}'), ("google_ads", 200, b"{}"), ("mailchimp", 200, b"")],
)
def test_fixed_answers(tool: str, status: int, body: bytes) -> None:
    answer = posted(tool, request(b"{}", headers={"Content-Type": "application/json"}), Kept())
    assert (answer.status, answer.body) == (status, body)


def test_others_get_the_receipt() -> None:
    answer = posted("pipedrive", request(b"{}", headers={"Content-Type": "application/json"}), Kept())
    assert answer.status == 202
    assert b"submission_id" in (answer.body or b"")


def test_mailchimps_check_of_the_address() -> None:
    secret = Secret("s", b"right")
    check = ADAPTERS["mailchimp"].handshake
    assert check is not None
    assert check(request(method="GET", token="right"), (secret,)) == Answer(200, b"", "text/plain")
    assert check(request(method="GET", token="wrong"), (secret,)) is None
    assert check(request(method="GET"), (secret,)) is None
    assert check(request(method="POST", token="right"), (secret,)) is None
    assert check(request(method="GET"), ()) is not None
