"""Meta lead ads: several ids a POST, no fields; each is fetched from the Graph API and comes back as `field_data`."""

import hashlib
from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at
from services.intake.domain.facts import Draft, Item, NotALead, ToFetch, Unmapped
from services.intake.domain.handshakes import meta_challenge
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_DUMMY_ID = "444444444444"
"""What the dashboard's "Test" button sends for every id."""
_DUMMY_VALUE = "<test lead:"
"""How the values of a lead made by the Lead Ads Testing Tool begin."""
_NAMES = (
    "work_email",
    "email",
    "full_name",
    "first_name",
    "last_name",
    "work_phone_number",
    "phone_number",
    "company_name",
)
"""Meta's own questions that say one thing in two ways, the better one first."""


def map_meta(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item to fetch per lead id of a notice; one lead of what was fetched."""
    if at(body.value, "field_data") is not None:
        return (_lead(body.value, rules),)
    return tuple(map(_noticed, _changes(body.value))) or (Unmapped("no leadgen change in it"),)


def _noticed(change: JsonValue) -> Item:
    lead_id = text_at(change, "value.leadgen_id")
    if text_at(change, "field") not in (None, "leadgen"):
        return NotALead(Disposition.UPDATE, "something else that happened on the page")
    if lead_id is None:
        return Unmapped("a leadgen change without a lead's id", ("leadgen_id",))
    if lead_id == _DUMMY_ID:
        return NotALead(Disposition.TEST, "the dashboard's test button")
    return ToFetch("meta", lead_id, "Meta sends only the lead's id")


def _lead(lead: JsonValue, rules: IntakeSource) -> Item:
    fields = at(lead, "field_data")
    entries = [
        Entry((name,), _value(item), f"field_data[{index}].values[0]", is_answer=True)
        for index, item in enumerate(fields if isinstance(fields, list) else [])
        if (name := text_at(item, "name")) is not None
    ]
    said = [entry.value for entry in entries if isinstance(entry.value, str)]
    if said and any(value.startswith(_DUMMY_VALUE) for value in said):
        return NotALead(Disposition.TEST, "made by the Lead Ads Testing Tool")
    draft = Draft(rules.own_addresses)
    draft.assign(sorted(entries, key=lambda entry: _rank(entry.names[0])))
    for name, path in (("campaign", "campaign_name"), ("campaign", "campaign_id"), ("utm_content", "ad_name")):
        draft.put(name, at(lead, path), path)
    return finished(
        draft, lead, rules, forms=(form_text(at(lead, "form_id")),), submitted_at=time_of(at(lead, "created_time"))
    )


def _value(field: JsonValue) -> JsonValue:
    """The one value, or all that were ticked."""
    held = at(field, "values")
    return held[0] if isinstance(held, list) and len(held) == 1 else held


def _rank(name: str) -> int:
    return _NAMES.index(name) if name in _NAMES else len(_NAMES)


def _changes(value: JsonValue) -> list[JsonValue]:
    """The changes of a notice; one that does not say its field is taken for a leadgen one."""
    found: list[JsonValue] = []
    entries = at(value, "entry")
    for entry in entries if isinstance(entries, list) else []:
        changes = at(entry, "changes")
        found += changes if isinstance(changes, list) else []
    return found


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    """The ids of all its leads; of a batch their hash. Test ids are all alike, so such a notice has none."""
    found = [text_at(change, "value.leadgen_id") or "" for change in _changes(value)]
    if not any(found) or set(found) == {_DUMMY_ID}:
        return None
    return found[0] if len(found) == 1 else "leads " + hashlib.sha256(" ".join(found).encode()).hexdigest()


ADAPTER = Adapter(
    "meta_lead_ads",
    map_meta,
    (Verifier("x-hub-signature-256", prefix=b"sha256="),),
    _delivery_id,
    handshake=meta_challenge,
    preset=Preset(
        "Meta Lead Ads",
        (
            "In developers.facebook.com open your app: Settings, Basic, and give its App secret to Signalbox as the secret.",
            "Add the product Webhooks, choose Page, and subscribe: callback URL {url}, verify token {verify}.",
            "Subscribe to the field leadgen, and install the app on the page (POST /PAGE_ID/subscribed_apps).",
            "Make a page access token with leads_retrieval and pages_manage_ads, and give it to Signalbox as the token.",
        ),
        b'{"object":"page","entry":[{"id":"153125381133","time":1746368520,"changes":[{"field":"leadgen","value":'
        b'{"leadgen_id":"123123123123","page_id":"153125381133","form_id":"12312312312","ad_id":"12312312","created_time":'
        b"1746368520}}]}]}",
        secret="theirs",
        defaults={"channel": "paid_social"},
    ),
)
