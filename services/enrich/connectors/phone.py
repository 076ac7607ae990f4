"""Phone: what the number itself says: its E.164 form, country and time zone. Offline, by the phonenumbers package."""

from collections.abc import Sequence

import phonenumbers
from phonenumbers import PhoneNumber, geocoder, timezone

from libs.contracts.lead import Lead
from libs.identity.phones import e164, parsed_phone, region_code
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing

_FIELDS = ("phone", "phone_country", "country", "time_zone")
_WHERE = "lead.phone"


class Phone:
    """Reads the number; a national one needs the lead's own country, which is never guessed."""

    name = "phone"
    version = "1"
    fields = _FIELDS

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The number as given, and the country as given when it is a region code."""
        phone = lead.text("phone").strip()
        if not phone:
            return {}
        known = None if phone.startswith("+") else region_code(lead.text("country"))
        return {"phone": phone, **({"country": known} if known else {})}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """E.164 form, country and time zone of every number."""
        return [_findings(question["phone"], question.get("country")) for question in questions]


def _findings(text: str, region: str | None) -> list[Finding]:
    number = parsed_phone(text, region)
    if number is None:
        known = region or text.startswith("+")
        reason = "no such number can exist" if known else "a national number without a country"
        return [nothing(field, reason) for field in _FIELDS]
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
    return [*answers, _time_zone(number, text)]


def _time_zone(number: PhoneNumber, text: str) -> Finding:
    zones = [zone for zone in timezone.time_zones_for_number(number) if zone != timezone.UNKNOWN_TIMEZONE]
    if not zones:
        return nothing("time_zone", "the number has no time zone")
    if len(zones) > 1:
        area = geocoder.description_for_number(number, "en") or "its area"
        return nothing("time_zone", f"{area} has {len(zones)} time zones")
    return found("time_zone", zones[0], 0.9, text, _WHERE)
