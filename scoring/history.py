"""Leads of the history with their outcomes: what was known of each when it was scored, and nothing that came later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from libs.contracts.lead import Lead
from libs.identity.mail import normalised_email
from libs.policy.facts import lead_facts
from libs.policy.scoring import PointsTable, Scoring
from scoring.table import TableError, outcome_column, outcomes, read_rows, time_of
from services.score.domain.points import score_lead, table_for
from services.score.domain.record import age_of, record_answers, record_facts

KEYS = ("lead_id", "contact_id", "email")
"""Columns by which an outcome names its lead, the surest first."""
TIMES = ("at", "closed_at", "outcome_at", "date", "closed")


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended with somebody, and when, if the file says so."""

    key: str
    name: str
    """Which of `KEYS` the key is."""
    won: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A lead as it stood when it was scored, and how it ended."""

    lead: Lead
    scored_at: datetime
    won: bool


def names_leads(path: Path) -> bool:
    """Whether a file of outcomes names leads of the history, by one of `KEYS`. Raises TableError when it can't be read."""
    header, _ = read_rows(path)
    return any(name.casefold() in KEYS for name in header)


def read_outcomes(path: Path, outcome: str | None = None, positive: str | None = None) -> list[Ended]:
    """The outcomes of a file; those without one are left out. Raises TableError."""
    header, rows = read_rows(path)
    by_name = {name.casefold(): at for at, name in enumerate(header)}
    key = next((name for name in KEYS if name in by_name), None)
    if key is None:
        raise TableError(f"{path.name} names no leads: it needs a column {', '.join(KEYS[:-1])} or {KEYS[-1]}")
    chosen = outcome_column(header, rows, outcome)
    time = next((name for name in TIMES if name in by_name and name != chosen), None)
    told = outcomes((row[header.index(chosen)] for row in rows), chosen, positive)
    found = []
    for line, (row, won) in enumerate(zip(rows, told, strict=True), 2):
        named = row[by_name[key]].strip()
        if won is None or not named:
            continue
        text = row[by_name[time]].strip() if time else ""
        found.append(Ended(_spelled(key, named), key, won, time_of(text, str(time), line) if text else None))
    return found


class Joined:
    """Matches outcomes with the history while it is read. A lead counts as it was first routed or, when the file says
    when it ended, as it was last routed before: what is learned afterwards would tell the outcome."""

    def __init__(self, ended: Sequence[Ended]) -> None:
        self._ended = {(one.name, one.key): one for one in ended}
        self._found: dict[tuple[str, str], Scored] = {}

    def learn(self, lead: Lead, scored_at: datetime) -> None:
        """Take one routed version of a lead in."""
        if lead.score is None:
            return
        for name, key in _keys(lead):
            ended = self._ended.get((name, key))
            if ended is None or (ended.at is not None and scored_at > ended.at):
                continue
            held = self._found.get((name, key))
            later = ended.at is not None and held is not None and scored_at > held.scored_at
            if held is None or later or (ended.at is None and scored_at < held.scored_at):
                self._found[name, key] = Scored(lead, scored_at, ended.won)

    def scored(self) -> list[Scored]:
        """The leads that have an outcome, by the time they were scored."""
        return sorted(self._found.values(), key=lambda one: (one.scored_at, one.lead.lead_id))

    @property
    def asked(self) -> int:
        """How many outcomes the file has."""
        return len(self._ended)


def held_rows(lead: Lead, scoring: Scoring) -> tuple[PointsTable | None, dict[str, float]]:
    """The lead's points table, and how far each of its rows holds: 0, 1, or less when its points have faded."""
    known = record_answers(lead)
    facts = lead_facts(lead, record_facts(lead, known))
    table = table_for(scoring, facts)
    age = age_of(lead, known)
    held: dict[str, float] = {}
    for rule in () if table is None else table.rules:
        if not rule.review:
            left = 1.0 if age is None or not rule.points else rule.points_after(age) / rule.points
            held[rule.name] = left if rule.when.holds(facts) else 0.0
    return table, held


def rescored(found: Sequence[Scored], scoring: Scoring) -> list[int | None]:
    """Each lead's priority by a table."""
    return [score_lead(one.lead, scoring).priority for one in found]


def recorded(found: Sequence[Scored]) -> list[int | None]:
    """Each lead's priority as it was recorded."""
    return [None if one.lead.score is None else one.lead.score.priority for one in found]


def _keys(lead: Lead) -> list[tuple[str, str]]:
    keys = [("lead_id", lead.lead_id)]
    if lead.identity is not None:
        keys.append(("contact_id", lead.identity.contact.id))
    if email := lead.text("email"):
        keys.append(("email", _spelled("email", email)))
    return keys


def _spelled(name: str, text: str) -> str:
    return (normalised_email(text) or text.strip().casefold()) if name == "email" else text.strip()
