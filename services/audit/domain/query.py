"""A question to the log: which changes, by who or what made them and when, in which order, from where on."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from libs.contracts.base import Model
from libs.contracts.change import FieldChange, RecordRef, RecordType, Status
from services.audit.domain.row import in_utc

MAX_TEXT = 500
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
CURSOR = "take it from `next` of the page before"


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds a NUL character")
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_storable)]
Moment = Annotated[datetime, AfterValidator(in_utc)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ChangeQuery(Model):
    """All conditions that are given must hold; none: every change. Times and confidences are inclusive on both sides.

    There is no condition on values, and none is sorted by: who may not see a value can't ask for it either.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_type: RecordType | None = None
    record_id: Text | None = None
    field: Text | None = None
    lead_id: Text | None = None
    workflow: Text | None = None
    workflow_version: Text | None = None
    model_version: Text | None = None
    policy_version: Text | None = None
    actor_kind: Literal["rule", "ai", "human_approved_ai", "human"] | None = None
    actor_id: Text | None = None
    source_kind: Literal["submission", "provider", "model", "rule", "human", "crm", "rollback"] | None = None
    source_name: Text | None = None
    confidence_from: Share | None = None
    confidence_to: Share | None = None
    status: Status | None = None
    since: Moment | None = None
    until: Moment | None = None
    """Of the recorded time of the decision."""
    rollback_id: Text | None = None
    """The changes that a rollback made."""
    order: Literal["newest", "oldest"] = "newest"

    @model_validator(mode="after")
    def _can_be_asked(self) -> "ChangeQuery":
        if self.record_id is not None and self.record_type is None:
            raise ValueError("record_id needs record_type beside it: ids may repeat between types")
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError("until is before since")
        low, high = self.confidence_from, self.confidence_to
        if low is not None and high is not None and high < low:
            raise ValueError("confidence_to is below confidence_from")
        return self

    @property
    def record(self) -> RecordRef | None:
        """The one record that is asked about, if it is one."""
        if self.record_type is None or self.record_id is None:
            return None
        return RecordRef(type=self.record_type, id=self.record_id)

    def covers(self, change: FieldChange) -> bool:
        """Whether a change is of the field that is asked for: what made a whole record is told field by field."""
        return self.field is None or change.field == self.field


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands when rows are sorted by time: later rows of the same time by their place in the log."""

    at: datetime
    chain: int
    seq: int


def cursor_of(place: Place) -> str:
    """The place as an opaque text, the same for as long as the log stands."""
    micros = (place.at - EPOCH) // MICROSECOND
    return base64.urlsafe_b64encode(f"{micros}.{place.chain}.{place.seq}".encode()).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """The place that a cursor names. Raises ValueError for a text that is none of ours."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        micros, chain, seq = map(int, text.split("."))
        place = Place(in_utc(EPOCH + micros * MICROSECOND), chain, seq)
    except (binascii.Error, ValueError, OverflowError):
        raise ValueError(CURSOR) from None
    if not (0 <= chain < 1 << 31 and 0 < seq < 1 << 63 and cursor_of(place) == cursor):
        raise ValueError(CURSOR)
    return place
