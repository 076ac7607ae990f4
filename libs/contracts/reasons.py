"""Reason codes: why a record became a dead letter, and why a submission did not become a lead."""

from enum import StrEnum


class RejectionReason(StrEnum):
    """Why a record was given up. Each has a line in docs/dead-letters.md that says what to do."""

    UNREADABLE = "unreadable"
    """Not an event of this topic: bad JSON, wrong shape, missing headers."""
    REFUSED_BY_BROKER = "refused_by_broker"
    """The outcome is larger than its topic takes."""
    INVALID = "invalid"
    """The event contradicts a rule that it should have kept."""
    DEFECT = "defect"
    """An exception inside a pure decision: a bug of ours."""
    QUARANTINED = "quarantined"
    """Three starts at the same offset ended the process."""


class Disposition(StrEnum):
    """What became of a submission's item that is not a lead."""

    PING = "ping"
    TEST = "test"
    OWN_MESSAGE = "own_message"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    EMPTY = "empty"
    AUTOMATIC = "automatic"
    """A machine's mail: an automatic reply, a bounce, a mailing list."""
    ERASURE = "erasure"
    """The sender asks that a person's data be erased."""
    FETCHING = "fetching"
    """Only an id was sent; what stands behind it is fetched and comes as a submission of its own."""
