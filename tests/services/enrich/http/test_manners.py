"""Turns and breakers of other people's servers, with a clock of the test's own."""

import pytest

from services.enrich.http.ask import Unavailable
from services.enrich.http.manners import Manners


async def test_calls_that_fail_side_by_side_open_the_breaker_once() -> None:
    now = [100.0]
    manners = Manners(lambda: now[0])
    for _ in range(50):
        manners.failed("a.example", "HTTP 500")
    with pytest.raises(Unavailable, match="left alone for 5 s"):
        await manners.turn("a.example", 1, 1, 5)
    now[0] += 5.1
    await manners.turn("a.example", 1, 1, 5)
    manners.failed("a.example", "HTTP 500")
    with pytest.raises(Unavailable, match="left alone for 10 s"):
        await manners.turn("a.example", 1, 1, 5)
    now[0] += 10.1
    await manners.turn("a.example", 1, 1, 5)
    manners.worked("a.example")
    now[0] += 1
    await manners.turn("a.example", 1, 1, 5)
    await manners.turn("b.example", 1, 1, 5)


async def test_a_turn_is_waited_for_only_within_patience() -> None:
    now = [100.0]
    manners = Manners(lambda: now[0])
    await manners.turn("a.example", 1, 60, 5)
    for _ in range(3):
        with pytest.raises(Unavailable, match="its turn comes in 60"):
            await manners.turn("a.example", 1, 60, 5)
    now[0] += 60
    await manners.turn("a.example", 1, 60, 5)
    manners.slower("a.example", 90)
    now[0] += 61
    with pytest.raises(Unavailable):
        await manners.turn("a.example", 1, 60, 5)
    manners.asked_to_wait("a.example", 500)
    now[0] += 100
    with pytest.raises(Unavailable, match="400"):
        await manners.turn("a.example", 1, 60, 5)
