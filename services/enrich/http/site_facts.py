"""What a company's own page says about it, each value with the words that say so."""

import re
from collections.abc import Iterator

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.identity.domains import registrable_domain
from services.enrich.domain.alike import country_code
from services.enrich.domain.findings import Finding
from services.enrich.http.organisation import Organisation, organisation_of
from services.enrich.http.page import Page
from services.enrich.http.quotes import cleaned, json_quote, quote_of
from services.enrich.http.socials import social_pages
from services.enrich.http.tech import hinted

LONGEST_DESCRIPTION = 500
_PARTS = re.compile(r"\s+[|–—·»:-]\s+|\s*[|»]\s*|:\s+")
_KEYS = {
    "employees": "numberOfEmployees",
    "founded": "foundingDate",
    "country": "addressCountry",
    "city": "addressLocality",
}
"""What is quoted with its key: a number or a country's code stands in many places of a page."""
_DATE = re.compile(r"(?:1[5-9]|20)\d\d(?:-\d\d(?:-\d\d)?)?")


def facts(page: Page, domain: str) -> list[Finding]:
    """All that the page tells, the surest place first for each field. Confidence goes by the kind of place: what is written
    for machines (JSON-LD) is surer than a title written for people."""
    own = organisation_of(page.items, domain) or Organisation()
    candidates = [*_from_organisation(page, own), *_from_head(page, domain)]
    first: dict[str, Finding] = {}
    for finding in candidates:
        if finding is not None:
            first.setdefault(finding.field, finding)
    for finding in (_socials(page, own), _tech(page)):
        if finding is not None:
            first[finding.field] = finding
    return list(first.values())


def _from_organisation(page: Page, own: Organisation) -> Iterator[Finding | None]:
    place = "jsonld"
    yield _said(page, "company", own.name, 0.85, place)
    yield _said(page, "city", own.city, 0.8, place)
    yield _said(page, "company_phone", own.telephone, 0.75, place)
    if own.country:
        code = country_code(own.country)
        if len(code) == 2 and code.isupper():
            yield _said(page, "country", own.country, 0.8, place, code)
    if own.employees:
        sure, why = (0.5, "at least") if own.employees_at_least else (0.75, "")
        yield _said(page, "employees", str(own.employees), sure, place, own.employees, why)
    if _DATE.fullmatch(own.founded):
        yield _said(page, "founded", own.founded, 0.75, place)


def _from_head(page: Page, domain: str) -> Iterator[Finding | None]:
    metas = page.metas
    yield _said(page, "company", metas.get("og:site_name", ""), 0.75, "og:site_name")
    yield _said(page, "company", _name_in_title(page.title, domain), 0.55, "title")
    for place, sure in (("description", 0.8), ("og:description", 0.7), ("twitter:description", 0.6)):
        yield _said(page, "description", cleaned(metas.get(place, ""), LONGEST_DESCRIPTION), sure, f"meta {place}")
    for place, address in (("canonical", page.canonical), ("og:url", metas.get("og:url", ""))):
        if address.startswith(("https://", "http://")) and registrable_domain(address) == domain:
            yield _said(page, "website", address.strip(), 0.85, place)


def _said(
    page: Page, field: str, words: str, confidence: float, place: str, value: JsonValue = None, why: str = ""
) -> Finding | None:
    """The finding when the page has these words; `value` is what they mean, where that is not themselves."""
    told = words if field == "description" else cleaned(words)
    key = _KEYS.get(field, "") if place == "jsonld" else ""
    quote = json_quote(page.source, key, told) if key else quote_of(page.source, told)
    if not told or not quote or not any(one.isalnum() for one in told):
        return None
    evidence = (Evidence(quote=quote, where=f"{page.url}#{place.replace(' ', '-')}"),)
    return Finding(field, "found", told if value is None else value, confidence, evidence, why)


def _name_in_title(title: str, domain: str) -> str:
    """The part of the title that the domain's name says too; a slogan is no name."""
    label = _letters(domain.partition(".")[0])
    for part in _PARTS.split(cleaned(title)):
        letters = _letters(part)
        if (
            len(letters) >= 2
            and len(part) <= 60
            and (letters == label or (len(label) > 3 and letters.startswith(label)))
        ):
            return part.strip()
    return ""


def _letters(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _socials(page: Page, own: Organisation) -> Finding | None:
    links = social_pages([*own.same_as, *page.links])
    return _listed(page, "social_links", {link: link for link in links}, 0.85 if own.same_as else 0.7, "links")


def _tech(page: Page) -> Finding | None:
    return _listed(page, "tech_stack", hinted(page.parts, page.metas.get("generator", "")), 0.8, "source")


def _listed(page: Page, field: str, found: dict[str, str], confidence: float, place: str) -> Finding | None:
    """A list, with a quote for each of its values; those without are left out."""
    quoted = {
        value: quote
        for value, words in found.items()
        if len(words) <= 250 and (told := cleaned(words)) and (quote := quote_of(page.source, told))
    }
    kept: list[JsonValue] = list(list(quoted)[:12])
    if not kept:
        return None
    evidence = tuple(Evidence(quote=quoted[str(value)], where=f"{page.url}#{place}") for value in kept)
    return Finding(field, "found", kept, confidence, evidence)
