"""Submissions that carry canaries: what is taken, what can't be mapped, what breaks, what is refused."""

import gzip
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from drills.canaries import Canary
from drills.senders import Sender, now
from drills.wire import Headers, Post

Canaries = Mapping[str, Canary]
JSON = b"application/json"
FORM = b"application/x-www-form-urlencoded"


def facts(held: Canaries, number: int = 0, **more: JsonValue) -> dict[str, JsonValue]:
    """A lead in which every value is a canary."""
    return {
        "id": f"canary-{number}",
        "email": held["email"].value,
        "phone": held["phone"].value,
        "name": held["name"].value,
        "company": held["company"].value,
        "title": held["title"].value,
        "message": held["message"].value,
        "website": held["domain"].value.rpartition("@")[2],
        "page_url": held["session_url"].value,
        held["json_key"].value: held["message"].value,
        "submittedAt": "2026-05-04T14:22:00Z",
        **more,
    }


def accepted(held: Canaries) -> Iterator[Post]:
    """What is mapped: JSON, a form, a form with a file, the same again, the same with other facts, one that is a defect."""
    body = json.dumps(facts(held)).encode()
    for about in ("JSON", "the same again"):
        yield Post(f"/hooks/demo?session={held['query'].value}", _headers(held), body, about)
    changed = facts(held, message=f"{held['message'].value} {held['name'].value}")
    yield Post("/hooks/demo", _headers(held), json.dumps(changed).encode(), "the same with other facts")
    form = urlencode({name: str(value) for name, value in facts(held, 1).items()}).encode()
    yield Post("/hooks/contact", _headers(held, FORM), form, "a form")
    parts = [
        _part(name, str(value).encode()) for name, value in facts(held, 2).items() if name != held["json_key"].value
    ]
    parts.append(_part(f'file"; filename="{held["file_name"].value}', held["message"].value.encode()))
    multipart = b"".join(parts) + b"--b--\r\n"
    yield Post(
        "/hooks/generic_form", _headers(held, b"multipart/form-data; boundary=b"), multipart, "a form with a file"
    )
    for number in range(3, 9):
        site = {"email": f"rosa.{number}@{facts(held)['website']}", "phone": held["phone"].value}
        yield Post(
            "/hooks/demo", _headers(held), json.dumps(facts(held, number, **site)).encode(), "a lead of the site"
        )


def with_defect(held: Canaries) -> Post:
    """A lead that a defective stage gives up, with an error that quotes it."""
    body = json.dumps(facts(held, 50, email=held["defect"].value)).encode()
    return Post("/hooks/demo", _headers(held), body, "a defect")


def unmapped(held: Canaries) -> Iterator[Post]:
    """What is kept and can't be mapped, or is no lead."""
    email, message = held["email"].value, held["message"].value
    whole = json.dumps(facts(held)).encode()
    bodies: list[tuple[bytes, bytes]] = [
        (JSON, json.dumps([email, message, {"x": [held["phone"].value]}]).encode()),
        (JSON, json.dumps({held["json_key"].value: {held["json_key"].value: message}}).encode()),
        (JSON, json.dumps({"email": {"not": email}, "phone": [held["phone"].value], "name": 7}).encode()),
        (JSON, whole[:-9]),
        (JSON, whole.replace(b'"name": ', b'"name": NaN, "name2": ')),
        (JSON, b"[" * 200 + email.encode() + b"]" * 200),
        (JSON, b'{"email": "' + email.encode() + b'\\ud800\\u0000", "message": "\xff\xfe' + message.encode() + b'"}'),
        (b"application/json; charset=utf-16", whole.decode().encode("utf-16")),
        (b"application/json; charset=" + email.encode(), whole),
        (b"application/xml", b"<lead><email>" + email.encode() + b"</email>"),
        (f"multipart/form-data; boundary={message}".encode("ascii", "replace"), b"--x\r\n" + whole),
        (b"multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: " + whole),
        (FORM, b"email=%ZZ" + quote(email).encode() + b"&" * 3000 + b"%ff%fe=" + quote(message).encode()),
        (b"text/" + email.encode(), whole),
        (JSON, b'{"email": ' + b"9" * 900 + b', "message": "' + email.encode() + b'"}'),
    ]
    for place, (kind, body) in enumerate(bodies):
        for source in ("demo", "generic_form", "jotform"):
            yield Post(f"/hooks/{source}", _headers(held, kind), body, f"unmappable {place}")
    packed = [(b"content-encoding", b"gzip")]
    yield Post("/hooks/demo", [*_headers(held), *packed], gzip.compress(whole)[:-8], "broken gzip")
    yield Post("/hooks/demo", [*_headers(held), *packed], whole, "no gzip at all")


def refused(held: Canaries) -> Iterator[Post]:
    """What is not taken: too large, unknown, a wrong proof in every place that one may stand in."""
    whole = json.dumps(facts(held)).encode()
    signature, path = held["signature"].value.encode(), held["path"].value
    proofs: Headers = [
        (name, signature)
        for name in (b"typeform-signature", b"webhook-signature", b"x-hub-signature-256", b"x-hubspot-signature-v3",
                     b"calendly-webhook-signature", b"stripe-signature", b"authorization", b"x-token", b"webhook-id")
    ]  # fmt: skip
    yield Post("/hooks/demo", _headers(held), whole + b" " * (1 << 20), "too large")
    yield Post(f"/hooks/{path}", _headers(held), whole, "no such source")
    yield Post(f"/hooks/{path * 20}", _headers(held), whole, "a long name")
    yield Post(f"/hooks/{path}/../../etc", _headers(held), whole, "a path upwards")
    yield Post(f"/{path}", _headers(held), whole, "no such address")
    yield Post(f"/hooks/demo?{'x=' + path * 700}", _headers(held), whole, "a long query")
    for source in ("typeform", "standard_webhooks", "meta_lead_ads", "stripe", "slack", "close", "hubspot_events"):
        yield Post(f"/hooks/{source}?token={path}", [*_headers(held), *proofs], whole, "a wrong signature")
    for source in ("unbounce", "pipedrive", "zapier", "segment", "cloudevents"):
        yield Post(f"/hooks/{source}/{path}?token={path}", [*_headers(held), *proofs], whole, "a wrong token")


def signed(held: Canaries, senders: list[Sender]) -> Iterator[Post]:
    """Every signing tool's own sample with canaries in place of its texts, and a body that it never sends."""
    for sender in senders:
        yield sender.signed(now(), body=json.dumps(facts(held, 60)).encode())
        try:
            sample = json.loads(sender.body)
        except ValueError:
            continue
        yield sender.signed(now(), body=json.dumps(_replaced(sample, held)).encode())


def _replaced(value: JsonValue, held: Canaries) -> JsonValue:
    if isinstance(value, dict):
        return {name: _replaced(one, held) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, held) for one in value]
    return held["email"].value if isinstance(value, str) and ("@" in value or " " in value) else value


def _headers(held: Canaries, kind: bytes = JSON) -> Headers:
    agent, url = held["header"].value.encode(), held["session_url"].value.encode()
    return [
        (b"content-type", kind), (b"user-agent", agent), (b"referer", url), (b"cookie", b"session=" + agent),
        (b"x-forwarded-for", agent), (b"x-request-id", agent), (b"traceparent", b"00-" + agent + b"-01"),
    ]  # fmt: skip


def _part(name: str, value: bytes) -> bytes:
    return b'--b\r\ncontent-disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
