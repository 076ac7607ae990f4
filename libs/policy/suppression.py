"""The suppression matrix: for each reason to hold back, what becomes of a send, an enrolment, a route, an owner change."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import JsonValue

from libs.policy.fields import Act
from libs.policy.part import Part

if TYPE_CHECKING:
    from libs.policy.policy import Policy


class Reason(StrEnum):
    """Why a record is held back. The entries themselves are records, not policy."""

    OPT_OUT = "opt_out"
    CUSTOMER = "customer"
    OPEN_OPPORTUNITY = "open_opportunity"
    STRATEGIC = "strategic"
    COMPETITOR = "competitor"
    PARTNER = "partner"
    INVESTOR = "investor"
    REGULATED = "regulated"
    NEVER_ROUTE = "never_route"


class Hold(StrEnum):
    """What becomes of the act, the least strict first."""

    ALLOW = "allow"
    PERSON = "person"
    """Only a person takes it, with the note in view."""
    OWNER = "owner"
    """Only the existing owner takes it; without one, a person."""
    REVIEW = "review"
    """A person decides first."""
    BLOCK = "block"


LEAST_STRICT_FIRST = tuple(Hold)


def has_ended(until: JsonValue, now: datetime) -> bool:
    """Whether an entry that holds until a time holds no more. What is no time with its offset never comes: nobody is let go
    by a mistake in writing."""
    try:
        end = datetime.fromisoformat(until) if isinstance(until, str) else None
    except ValueError:
        return False
    return end is not None and end.tzinfo is not None and end <= now


def entry_holds(fields: Mapping[str, JsonValue], now: datetime) -> bool:
    """Whether an entry with these fields holds somebody back at a time: it is not switched off, gone or over."""
    off = fields.get("active") is False or fields.get("deleted") is True
    return not off and not has_ended(fields.get("until"), now)


class SuppressionRow(Part):
    """What one reason does to each act, and the note that people see."""

    send: Hold
    enrol: Hold
    route: Hold
    owner_change: Hold
    note: str = ""


class SuppressionReasons(Part):
    """One row for every reason."""

    opt_out: SuppressionRow
    customer: SuppressionRow
    open_opportunity: SuppressionRow
    strategic: SuppressionRow
    competitor: SuppressionRow
    partner: SuppressionRow
    investor: SuppressionRow
    regulated: SuppressionRow
    never_route: SuppressionRow


class Suppression(Part):
    """`suppression.yaml`."""

    reasons: SuppressionReasons


@dataclass(frozen=True, slots=True)
class SuppressionEffect:
    """The strictest hold of several reasons, the reasons that demand it, and the notes of all of them."""

    hold: Hold
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def effect_of(policy: "Policy", reasons: Collection[str], act: Act | str) -> SuppressionEffect:
    """What becomes of `act` on a record that is held back for `reasons`: the strictest wins.

    A reason that the policy does not know is a review: somebody meant to hold the record back.
    """
    holds = {reason: _hold(policy.suppression, reason, Act(act)) for reason in sorted(reasons)}
    strictest = max(holds.values(), key=LEAST_STRICT_FIRST.index, default=Hold.ALLOW)
    if strictest is Hold.ALLOW:
        deciding: tuple[str, ...] = ()
    else:
        deciding = tuple(reason for reason, hold in holds.items() if hold is strictest)
    notes = tuple(note for reason in holds if (note := _note(policy.suppression, reason)))
    return SuppressionEffect(strictest, deciding, notes)


def _hold(suppression: Suppression, reason: str, act: Act) -> Hold:
    row: SuppressionRow | None = getattr(suppression.reasons, reason, None) if reason in set(Reason) else None
    if row is None:
        return Hold.REVIEW
    hold: Hold = getattr(row, act.value)
    return hold


def _note(suppression: Suppression, reason: str) -> str:
    if reason not in set(Reason):
        return f"held back for an unknown reason: {reason}"
    row: SuppressionRow = getattr(suppression.reasons, reason)
    return row.note
