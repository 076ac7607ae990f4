"""Records as people read them: a page of a list, and what happened with somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.crm.domain.record import RecordState

CLOSED_STAGES = ("closed", "won", "lost")
"""An opportunity whose stage begins so is closed; one with `closed` true is too."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records of a type; empty asks for all. Texts are compared in any letter case, ids exactly."""

    email: str = ""
    domain: str = ""
    owner: str = ""
    company_id: str = ""
    contact_id: str = ""
    opportunity_id: str = ""
    stage: str = ""
    name: str = ""
    """A part of the name."""
    updated_since: datetime | None = None
    is_open: bool | None = None
    """Of opportunities."""


@dataclass(frozen=True, slots=True)
class Page:
    """Records by id, and whether more follow the last one."""

    records: Sequence[RecordState]
    more: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The activities of a contact or company, newest first, and what is open with it."""

    activities: Sequence[RecordState]
    opportunities: Sequence[RecordState]
    tasks: Sequence[RecordState]
    more: bool


def is_open(state: RecordState) -> bool:
    """Whether an opportunity is open."""
    stage = state.value("stage")
    closed = isinstance(stage, str) and stage.lower().startswith(CLOSED_STAGES)
    return state.exists and not closed and state.value("closed") is not True
