"""Salesforce web-to-lead: a form that posts to Salesforce may post here instead; only its action changes. Nothing is signed.

Salesforce sends the browser on to the form's `retURL`. So do we, but not to wherever a request asks: an address of
ours that forwards to any host lends our name to whoever wants to send people elsewhere. The browser goes back to the
host of the page it came from (Origin or Referer, which a page can't choose) or to a host that the policy names
(`redirect_hosts`), over http or https; else it gets a short page of thanks. The lead is kept either way.
"""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlsplit

from pydantic import JsonValue

from libs.identity.words import word_set
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import CHALLENGES, body_value, by_minute
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.verifiers import TOKEN

_FIELDS = {
    "email": "email", "first_name": "first_name", "last_name": "last_name", "phone": "phone", "company": "company",
    "title": "title", "description": "message", "lead_source": "channel", "city": "city", "country": "country",
    "country_code": "country", "URL": "website", "industry": "industry", "revenue": "revenue_band",
    "employees": "employees", "Campaign_ID": "campaign", "emailOptOut": "do_not_mail", "mobile": "phone",
}  # fmt: skip
"""Salesforce's own names, and the lead fields that they are."""
_OF_THE_FORM = CHALLENGES | word_set("""oid orgid submit encoding external recordType debug debugEmail retURL""")
_THANKS = Answer(
    200,
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>Thank you</title>'
    b"<p>Thank you. Your request has been received.</p></html>",
    "text/html; charset=utf-8",
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
"""Controls and blanks split headers or get stripped; browsers read a backslash as a slash."""
MAX_ADDRESS = 2_000


def map_web_to_lead(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per submission; custom fields (00N…) and all that is no field of ours join the message."""
    form = body.value
    if not isinstance(form, dict):
        return (Unmapped("not a form"),)
    draft = Draft(rules.own_addresses)
    for name, field in _FIELDS.items():
        draft.put(field, form.get(name), name)
    rest = {name: value for name, value in form.items() if name not in _FIELDS and name not in _OF_THE_FORM}
    custom = {name: rest.pop(name) for name in list(rest) if name.startswith("00N")}
    draft.assign(as_answers(entries_of(rest)) + as_answers(entries_of(custom)))
    return (finished(draft, form, rules, forms=(form_text(form.get("recordType")), form_text(form.get("oid")))),)


def answer_web_to_lead(request: Request, rules: IntakeSource) -> Answer:
    """302 to the form's `retURL` where that is allowed, else a page of thanks."""
    wanted = at(body_value(request, None), "retURL")
    came_from = request.header("origin") or request.header("referer")
    target = redirect_target(wanted, rules.redirect_hosts, came_from.decode("latin-1"))
    return _THANKS if target is None else Answer(302, b"", "text/plain", (("location", target),))


def redirect_target(wanted: JsonValue, hosts: Iterable[str], came_from: str) -> str | None:
    """The address to send a browser on to, in ASCII; None when it is none, or none of the allowed hosts."""
    if not isinstance(wanted, str) or len(wanted) > MAX_ADDRESS:
        return None
    wanted = wanted.strip()
    host = _host_of(wanted)
    if host is None or _UNSAFE.search(wanted):
        return None
    allowed = [one.strip().lower().strip(".") for one in hosts]
    if host != _host_of(came_from) and not any(one and (host == one or host.endswith(f".{one}")) for one in allowed):
        return None
    return quote(wanted, safe="!#$%&'()*+,/:;=?@[]~")


def _host_of(address: str) -> str | None:
    """The host of a plain http(s) address: no user, no port that is no number, nothing beyond ASCII."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and parts.netloc.isascii() and "@" not in parts.netloc and port != 0
    return host.rstrip(".") or None if host and plain else None


def _delivery_id(request: Request, value: JsonValue) -> str:
    return by_minute(request, value)


ADAPTER = Adapter(
    "web_to_lead",
    map_web_to_lead,
    (TOKEN,),
    _delivery_id,
    answer=answer_web_to_lead,
    preset=Preset(
        "Salesforce web-to-lead",
        (
            "In the page's HTML, replace the form's action by {url}",
            "Leave the fields as they are. retURL works for the page's own host; for others name the hosts in"
            " policy/sources.yaml (redirect_hosts).",
        ),
        b"oid=00D000000000000&retURL=https%3A%2F%2Fwww.example.com%2Fthanks&first_name=Sam&last_name=Sample"
        b"&company=Example&email=sam.sample%40example.com&description=A+sample+submission.",
        content_type="application/x-www-form-urlencoded",
        trust=0.5,
    ),
)
