"""The organisation that a page's JSON-LD describes (schema.org), when it is the site's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.identity.domains import registrable_domain

KINDS = frozenset(
    ("Organization", "Corporation", "LocalBusiness", "NGO", "EducationalOrganization", "CollegeOrUniversity",
     "GovernmentOrganization", "MedicalOrganization", "NewsMediaOrganization", "OnlineBusiness", "OnlineStore",
     "ProfessionalService", "FinancialService", "Store", "Restaurant", "Hotel", "SportsOrganization", "Airline", "Project",
     "ResearchOrganization", "Consortium", "LegalService", "AccountingService", "RealEstateAgent", "InsuranceAgency",
     "AutomotiveBusiness", "TravelAgency", "EmploymentAgency", "HomeAndConstructionBusiness", "LodgingBusiness")
)  # fmt: skip
MOST_EMPLOYEES = 5_000_000


@dataclass(frozen=True, slots=True)
class Organisation:
    """What it says of itself, as written; empty where it says nothing. `employees_at_least`: only a range was told."""

    name: str = ""
    country: str = ""
    city: str = ""
    employees: int = 0
    employees_at_least: bool = False
    founded: str = ""
    telephone: str = ""
    description: str = ""
    same_as: tuple[str, ...] = ()


def organisation_of(items: Sequence[Mapping[str, Any]], domain: str) -> Organisation | None:
    """The first organisation that says it lives at the domain, else the first that names no address; None when there is
    none. One with an address elsewhere is somebody else: a customer, a reviewer, who made the site."""
    ours: list[Mapping[str, Any]] = []
    for one in items:
        if not _kinds(one) & KINDS or not _text(one.get("name") or one.get("legalName")):
            continue
        place = registrable_domain(_text(one.get("url")))
        if place == domain:
            return _read(one, items)
        if not place:
            ours.append(one)
    return _read(ours[0], items) if ours else None


def _read(one: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Organisation:
    address = _one(one.get("address"), items)
    employees, at_least = _employees(one.get("numberOfEmployees"))
    return Organisation(
        name=_text(one.get("name") or one.get("legalName")),
        country=_text(address.get("addressCountry")),
        city=_text(address.get("addressLocality")),
        employees=employees,
        employees_at_least=at_least,
        founded=_text(one.get("foundingDate")),
        telephone=_text(one.get("telephone")),
        description=_text(one.get("description")),
        same_as=tuple(text for each in _many(one.get("sameAs")) if (text := _text(each))),
    )


def _one(value: Any, items: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The first object of a value; one that is only a reference is looked up once, so that a circle ends."""
    for each in _many(value):
        if isinstance(each, dict):
            if set(each) == {"@id"}:
                return next((held for held in items if held.get("@id") == each["@id"] and len(held) > 1), {})
            return each
    return {}


def _many(value: Any) -> Iterable[Any]:
    return value[:50] if isinstance(value, list) else [] if value is None else [value]


def _kinds(one: Mapping[str, Any]) -> set[str]:
    return {str(kind).rpartition("/")[2] for kind in _many(one.get("@type")) if isinstance(kind, str)}


def _text(value: Any) -> str:
    """A text; of an object or a list of them the name of the first."""
    for each in _many(value):
        if isinstance(each, str):
            return each.strip()
        if isinstance(each, dict) and isinstance(each.get("name") or each.get("@value"), str):
            return str(each.get("name") or each["@value"]).strip()
        if isinstance(each, int) and not isinstance(each, bool):
            return str(each)
    return ""


def _employees(value: Any) -> tuple[int, bool]:
    """How many people, and whether that is only the lower end of a range."""
    for each in _many(value):
        if isinstance(each, dict):
            count = _count(each.get("value"))
            return (count, False) if count else (_count(each.get("minValue")), True)
        if count := _count(each):
            return count, False
    return 0, False


def _count(value: Any) -> int:
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        value = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 9 else 0
    if isinstance(value, float):
        value = int(value) if value.is_integer() else 0
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_EMPLOYEES else 0
