"""Times as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.errors import CliError
from cli.moments import moment, moment_of

NOW = datetime(2026, 11, 23, 14, 5, 7, 300, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW), (" NOW ", NOW), ("90m", NOW - timedelta(minutes=90)), ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)), ("1w", NOW - timedelta(weeks=1)), ("today", datetime(2026, 11, 23, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 22, tzinfo=UTC)), ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20 14:05", datetime(2026, 11, 20, 14, 5, tzinfo=UTC)),
        ("2026-11-20T14:05:01Z", datetime(2026, 11, 20, 14, 5, 1, tzinfo=UTC)),
        ("2026-11-20T14:05+02:00", datetime(2026, 11, 20, 12, 5, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_time_is_read(text: str, expected: datetime) -> None:
    assert moment_of(text, NOW) == expected


def test_a_day_alone_ends_with_its_last_moment() -> None:
    last = datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=UTC)
    assert moment_of("2026-11-23", NOW, is_end=True) == moment_of("today", NOW, is_end=True) == last
    assert moment_of("2026-11-23 10:00", NOW, is_end=True).hour == 10


@pytest.mark.parametrize("text", ["", "yesterdy", "2h ago", "2026-13-01", "999999w", "23.11.2026", "-2h", "0d 1h"])
def test_what_is_no_time_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(CliError, match="option --from") as told:
        moment(text, "--from")
    assert "90m, 2h, 7d" in told.value.do


def test_no_time_is_no_time() -> None:
    assert moment(None, "--to") is None
