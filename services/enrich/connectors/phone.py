"""Phone: what the number itself says: its E.164 form, country, area, type and time zone. Offline, by the phonenumbers package."""

from collections.abc import Sequence

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, geocoder, timezone

from libs.contracts.lead import Lead
from libs.identity.phones import e164, parsed_phone, region_code
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing

_FIELDS = ("phone", "phone_country", "country", "phone_region", "phone_type", "time_zone")
_WHERE = "lead.phone"
TYPES = {
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company_wide",
}
REFUSED = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.VOICEMAIL: "a voicemail access number",
}
"""Calling back costs money, or reaches nobody."""
PLACELESS = frozenset(("toll_free", "shared_cost", "voip", "personal", "pager", "company_wide"))
"""Types whose number says nothing about where somebody is."""


class Phone:
    """Reads the number; a national one needs the lead's own country, which is never guessed."""

    name = "phone"
    version = "2"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The number as given, and the country as given when it is a region code."""
        phone = lead.text("phone").strip()
        if not phone:
            return {}
        known = None if phone.startswith("+") else region_code(lead.text("country"))
        return {"phone": phone, **({"country": known} if known else {})}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """E.164 form, country, area, type and time zone of every number."""
        return [_findings(question["phone"], question.get("country")) for question in questions]


def _findings(text: str, region: str | None) -> list[Finding]:
    number = parsed_phone(text, region)
    if number is None:
        known = region or text.startswith("+")
        reason = "no such number can exist" if known else "a national number without a country"
        return [nothing(field, reason) for field in _FIELDS]
    kind = phonenumbers.number_type(number)
    if kind in REFUSED:
        return [nothing(field, REFUSED[kind]) for field in _FIELDS]
    written = e164(number)
    place = phonenumbers.region_code_for_number(number)
    answers = [found("phone", written, 0.97, text, _WHERE)]
    if place and place != "001":
        answers.append(found("phone_country", place, 0.97, text, _WHERE))
        answers.append(found("country", place, 0.85, text, _WHERE, "country of the phone number"))
    else:
        answers += [
            nothing(field, "an international number without a country") for field in ("phone_country", "country")
        ]
    named = TYPES.get(kind)
    return [*answers, _area(number, place, text, named), _type(named, text), _time_zone(number, text, named)]


def _type(named: str | None, text: str) -> Finding:
    if named is None:
        return nothing("phone_type", "the numbering plan does not tell its type")
    return found("phone_type", named, 0.95, text, _WHERE)


def _area(number: PhoneNumber, place: str | None, text: str, named: str | None) -> Finding:
    if named in PLACELESS or named == "mobile":
        return nothing("phone_region", f"a {named} number belongs to no area")
    area = geocoder.description_for_number(number, "en")
    if not area or area == geocoder.country_name_for_number(number, "en") or not place:
        return nothing("phone_region", "the number tells no area within its country")
    return found("phone_region", area, 0.85, text, _WHERE, "area of the phone number")


def _time_zone(number: PhoneNumber, text: str, named: str | None) -> Finding:
    if named in PLACELESS:
        return nothing("time_zone", f"a {named} number belongs to no time zone")
    zones = [zone for zone in timezone.time_zones_for_number(number) if zone != timezone.UNKNOWN_TIMEZONE]
    if not zones:
        return nothing("time_zone", "the number has no time zone")
    if len(zones) > 1:
        area = geocoder.description_for_number(number, "en") or "its area"
        return nothing("time_zone", f"{area} has {len(zones)} time zones: {', '.join(zones[:6])}")
    return found("time_zone", zones[0], 0.9, text, _WHERE)
