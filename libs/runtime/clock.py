"""The only place that reads the clock and draws ids by chance."""

import time
from datetime import UTC, datetime
from uuid import uuid4


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never step back; for durations and deadlines."""
    return time.monotonic()


def new_id() -> str:
    """A fresh id for something that has no cause inside the system: a person's command."""
    return str(uuid4())
