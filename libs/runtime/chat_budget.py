"""What an endpoint may cost in a day, and what it has cost so far: counted by its own usage reports, kept in a small file.

It needs no database: each process keeps its own count in the data folder, so the limit is one process's. A restart reads it
again; a file that cannot be read or written means that nothing may be spent.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from libs.runtime import clock
from libs.runtime.chat_settings import ChatSettings

CHARACTERS_PER_TOKEN = 3
"""For what is reserved before the endpoint says what it took: rather too much than too little, in any language."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of one day (ISO date, UTC), asked and answered."""

    day: str
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens of one call."""

    tokens_in: int
    tokens_out: int


class DailyBudget:
    """Reserve before a call, settle after it. What is reserved counts as spent, so calls side by side stay within."""

    def __init__(self, settings: ChatSettings, file: Path | None = None) -> None:
        """`file`: where the count survives a restart; without one it lasts as long as the process."""
        self._settings = settings
        self._file = file if settings.tokens_per_day or settings.money_per_day else None
        self._reserved: list[Cost] = []
        self._spent: Spent | None = None
        self._kept = True

    def reserve(self, characters: int) -> Cost | None:
        """What a call with a prompt of this length may cost; None when the day's budget does not hold it."""
        cost = Cost(characters // CHARACTERS_PER_TOKEN + 1, self._settings.max_tokens)
        try:
            spent = self._today()
        except (OSError, ValueError, TypeError, LookupError):
            return None
        if not self._kept:
            return None
        for one in [*self._reserved, cost]:
            spent = _plus(spent, one)
        if not self._holds(spent):
            return None
        self._reserved.append(cost)
        return cost

    def settle(self, reserved: Cost, used: Cost | None) -> None:
        """The call is over. `used` is what the endpoint says; None when it said nothing, and the reservation counts."""
        self._reserved.remove(reserved)
        self._spent = _plus(self._today(), used or reserved)
        if self._file is None:
            return
        try:
            _write(self._file, self._spent)
        except OSError:
            self._kept = False

    def _holds(self, spent: Spent) -> bool:
        tokens, money = self._settings.tokens_per_day, self._settings.money_per_day
        price = (spent.tokens_in * self._settings.price_in + spent.tokens_out * self._settings.price_out) / 1_000_000
        return (not tokens or spent.tokens_in + spent.tokens_out <= tokens) and (not money or price <= money)

    def _today(self) -> Spent:
        day = clock.now().date().isoformat()
        if self._spent is None:
            self._spent = _read(self._file) if self._file is not None and self._file.exists() else Spent(day)
        if self._spent.day != day:
            self._spent = Spent(day)
        return self._spent


def _plus(spent: Spent, cost: Cost) -> Spent:
    return replace(spent, tokens_in=spent.tokens_in + cost.tokens_in, tokens_out=spent.tokens_out + cost.tokens_out)


def _read(file: Path) -> Spent:
    held = json.loads(file.read_text())
    return Spent(str(held["day"]), int(held["tokens_in"]), int(held["tokens_out"]))


def _write(file: Path, spent: Spent) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".new")
    whole.write_text(json.dumps(asdict(spent)))
    os.replace(whole, file)
