"""The company directory: rows of files that people load, and what they say about a lead's company."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from libs.identity.companies import company_key
from libs.identity.domains import site_domain
from services.enrich.domain.alike import country_code
from services.enrich.domain.findings import Finding, found, nothing

FIELDS = (
    "company", "website", "industry", "employees", "revenue_band", "country", "city", "tech_stack", "description",
)  # fmt: skip
"""What a row may say, beside the domain that it is found by."""
BY_DOMAIN, BY_NAME = 0.9, 0.72
"""Confidence of a value whose row has the lead's own domain, or only the name that the lead gave."""
MOST_ROWS = 500
LOAD, FORGET = "load_companies", "forget_companies"
"""The commands by which the directory changes."""
_BAND = re.compile(r"\s*(\d[\d.,' ]*?)\s*(?:[-–+]|to\b|bis\b|à\b|$)")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
LoadId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DirectoryRow(_Strict):
    """One row of a file: its line, and the values by field; `domain` or `company` says whose they are."""

    line: int = Field(ge=1)
    domain: str = Field(default="", max_length=253)
    fields: dict[str, Text | int | list[Text]] = Field(max_length=len(FIELDS))


class LoadArguments(_Strict):
    """Some rows of a file; a file is sent in several of these, all with the same `load_id`."""

    load_id: LoadId
    file: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    rows: tuple[DirectoryRow, ...] = Field(min_length=1, max_length=MOST_ROWS)


class ForgetArguments(_Strict):
    """A load whose rows are to be gone."""

    load_id: LoadId


@dataclass(frozen=True, slots=True)
class Listed:
    """A row as it is kept and looked up."""

    load_id: str
    line: int
    domain: str
    name_key: str
    name: str
    fields: Mapping[str, JsonValue]
    file: str = ""
    actor: str = ""
    loaded_at: datetime | None = None

    @property
    def where(self) -> str:
        """The row's place, as evidence names it."""
        at = f", loaded {self.loaded_at:%Y-%m-%d} by {self.actor}" if self.loaded_at else ""
        return f"directory:{self.file}, line {self.line}{at}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load adds to the directory; `removed`: takes away instead."""

    load_id: str
    file: str = ""
    actor: str = ""
    rows: tuple[Listed, ...] = ()
    removed: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryChange:
    """What a command changes in the directory, and when that was decided."""

    load: Loaded
    at: datetime


def listed(arguments: LoadArguments, actor: str) -> tuple[Loaded, list[str]]:
    """The rows that can be looked up by a domain or a name, and what is wrong with the others, by line."""
    rows: list[Listed] = []
    problems: list[str] = []
    for row in arguments.rows:
        unknown = [name for name in row.fields if name not in FIELDS]
        domain, name = site_domain(row.domain), str(row.fields.get("company", ""))
        if unknown:
            problems.append(f"line {row.line}: no field {unknown[0]}; fields are domain, {', '.join(FIELDS)}")
        elif row.domain and not domain:
            problems.append(
                f"line {row.line}: {row.domain!r} is no domain of a company: it is shared by many, or none at all"
            )
        elif not domain and not company_key(name):
            problems.append(f"line {row.line}: neither a domain nor a company's name")
        elif "employees" in row.fields and people(row.fields["employees"]) is None:
            problems.append(f"line {row.line}: employees is no number and no band such as 51-200")
        else:
            rows.append(
                Listed(arguments.load_id, row.line, domain, company_key(name), name or domain, _json(row.fields))
            )
    return Loaded(arguments.load_id, arguments.file, actor, tuple(rows)), problems


def directory_findings(domain: str, name: str, by_domain: Sequence[Listed], by_name: Sequence[Listed]) -> list[Finding]:
    """What the directory says: by the domain (the newest load's row), else by a name that only one company in it has."""
    if by_domain:
        return _said(max(by_domain, key=_newest), BY_DOMAIN, "")
    companies = {row.domain or row.where for row in by_name}
    if len(companies) > 1:
        return [nothing(field, f"{len(companies)} companies in the directory are called so") for field in FIELDS]
    if by_name:
        row = max(by_name, key=_newest)
        if domain and row.domain and row.domain != domain:
            return [nothing(field, f"the company of that name has the domain {row.domain}") for field in FIELDS]
        return _said(row, BY_NAME, f"found by the name {name}")
    asked = " or ".join(one for one in (domain, name) if one)
    return [nothing(field, f"{asked} is not in the directory") for field in FIELDS]


def _newest(row: Listed) -> tuple[Any, ...]:
    return (row.loaded_at is not None, row.loaded_at, row.line)


def people(value: JsonValue | Sequence[str]) -> int | None:
    """A number of people; of a band such as `51-200` or `5,000+` its lower end, which is sure. None when there is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    matched = _BAND.match(value) if isinstance(value, str) else None
    return None if matched is None else int(re.sub(r"\D", "", matched.group(1))) or None


def _said(row: Listed, confidence: float, reason: str) -> list[Finding]:
    told = []
    for field in FIELDS:
        value = row.fields.get(field)
        if value in (None, "", []):
            told.append(nothing(field, "the directory's row does not say"))
            continue
        quote = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        why = reason
        if field == "country":
            value = country_code(quote)
            if len(value) != 2 or not value.isupper():
                told.append(nothing(field, f"no country is known by the name {quote[:60]}"))
                continue
        if field == "employees":
            why = "; ".join(
                one for one in (reason, f"the lower end of {quote}" if isinstance(value, str) else "") if one
            )
            value = people(value)
        told.append(found(field, value, confidence, quote[:500], f"{row.where}.{field}", why))
    return told


def _json(fields: Mapping[str, str | int | list[str]]) -> dict[str, JsonValue]:
    return {name: [*value] if isinstance(value, list) else value for name, value in fields.items()}
