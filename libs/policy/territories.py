"""Territories: named parts of the market, by place, size, industry, language or account. The first that fits counts."""

from collections.abc import Iterator, Mapping
from json import dumps
from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from libs.policy.conditions import Condition
from libs.policy.part import Name, Part

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Territory(Part):
    """One territory. A lead is in it when every criterion that is given fits; of a list one value is enough."""

    name: Name
    title: str
    countries: tuple[Country, ...] = ()
    """ISO 3166-1 alpha-2."""
    cities: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    """Named accounts, by their domain."""
    employees_from: Annotated[int, Field(ge=0)] | None = None
    employees_below: Annotated[int, Field(ge=1)] | None = None
    when: Condition | None = None
    """CEL: what the lists can't say."""

    @model_validator(mode="after")
    def _says_something(self) -> "Territory":
        if not self.model_fields_set & _CRITERIA:
            raise ValueError(f"{self.name} says of no lead that it is in it: give {', '.join(sorted(_CRITERIA))}")
        if None not in (self.employees_from, self.employees_below) and self.employees_from >= self.employees_below:  # type: ignore[operator]
            raise ValueError(f"{self.name}: employees_from is below employees_below")
        return self

    def holds(self, facts: Mapping[str, JsonValue]) -> bool:
        """Whether a lead with these facts is in it; what is not known fits nothing."""
        return all(fits for fits in self._asked(facts))

    @property
    def names(self) -> frozenset[str]:
        """The facts that it asks for."""
        asked = {fact for fact, wanted in _LISTS.items() if getattr(self, wanted)}
        asked |= {"lead.employees"} if self.employees_from is not None or self.employees_below is not None else set()
        return frozenset(asked | (set(self.when.names) if self.when is not None else set()))

    @property
    def by_country_alone(self) -> bool:
        """Whether it takes every lead of its countries."""
        return self.names == {"lead.country"} and self.when is None

    def condition(self) -> Condition:
        """Its criteria as one condition: it holds for the same leads, whose texts are in small letters."""
        tests = [f"{fact} in {dumps(list(values), ensure_ascii=False)}" for fact, values in self.lists()]
        tests += [f"lead.employees >= {self.employees_from}"] if self.employees_from is not None else []
        tests += [f"lead.employees < {self.employees_below}"] if self.employees_below is not None else []
        tests += [f"({self.when.text})"] if self.when is not None else []
        return Condition(" && ".join(tests) or "true")

    def lists(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The facts of which a list is given, with the list: countries as codes, all else in small letters."""
        for fact, wanted in _LISTS.items():
            if listed := getattr(self, wanted):
                yield fact, listed if wanted == "countries" else tuple(one.casefold() for one in listed)

    def _asked(self, facts: Mapping[str, JsonValue]) -> Iterator[bool]:
        for fact, wanted in _LISTS.items():
            if listed := getattr(self, wanted):
                yield _text(facts.get(fact)) in {one.casefold() for one in listed}
        employees = facts.get("lead.employees")
        known = isinstance(employees, int) and not isinstance(employees, bool)
        if self.employees_from is not None:
            yield known and employees >= self.employees_from  # type: ignore[operator]
        if self.employees_below is not None:
            yield known and employees < self.employees_below  # type: ignore[operator]
        if self.when is not None:
            yield self.when.holds(facts) is True


_LISTS = {
    "lead.country": "countries", "lead.city": "cities", "lead.industry": "industries", "lead.language": "languages",
    "lead.domain": "domains",
}  # fmt: skip
_CRITERIA = frozenset((*_LISTS.values(), "employees_from", "employees_below", "when"))


class Territories(Part):
    """`territories.yaml`: asked from the top; the narrow ones stand before the wide ones."""

    territories: tuple[Territory, ...] = ()

    def of(self, facts: Mapping[str, JsonValue]) -> str | None:
        """The name of the first territory that holds; None when none does, which rules see as not known."""
        return next((one.name for one in self.territories if one.holds(facts)), None)

    def covering(self, later: Territory) -> Territory | None:
        """An earlier territory that takes every lead of a later one, by lists and sizes alone; None when there is none."""
        earlier = self.territories[: self.territories.index(later)]
        return next((one for one in earlier if covers(one, later)), None)


def covers(wide: Territory, narrow: Territory) -> bool:
    """Whether a territory takes every lead of another one, by lists and sizes alone."""
    if wide.when is not None and wide.when != narrow.when:
        return False
    for wanted in _LISTS.values():
        all_of, some = getattr(wide, wanted), {one.casefold() for one in getattr(narrow, wanted)}
        if all_of and not (some and some <= {one.casefold() for one in all_of}):
            return False
    low, high = narrow.employees_from, narrow.employees_below
    above = wide.employees_from is None or (low is not None and low >= wide.employees_from)
    return above and (wide.employees_below is None or (high is not None and high <= wide.employees_below))


def _text(value: JsonValue) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""
