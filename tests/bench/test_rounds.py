"""Rounds are interleaved, shuffled by the seed, and complete."""

import os
from collections.abc import Awaitable, Callable, Mapping

from bench.rounds import Pace, interleaved


def variant(name: str, order: list[str]) -> Callable[[], Awaitable[Mapping[str, float]]]:
    async def measure() -> Mapping[str, float]:
        order.append(name)
        return {"value": float(len(order))}

    return measure


async def taken(seed: int) -> list[str]:
    order: list[str] = []
    variants = {name: variant(name, order) for name in ("a", "b", "c")}
    rounds = await interleaved(
        variants, Pace(rounds=6, seed=seed, quiet_seconds=0), lambda: [os.getpid()], lambda _: None
    )
    assert [one.variant for one in rounds] == order
    assert [one.number for one in rounds] == [number for number in range(1, 7) for _ in range(3)]
    return order


async def test_every_round_holds_every_variant_once_in_an_order_of_the_seed() -> None:
    order = await taken(1)
    assert all(sorted(order[at : at + 3]) == ["a", "b", "c"] for at in range(0, 18, 3))
    assert len({tuple(order[at : at + 3]) for at in range(0, 18, 3)}) > 1
    assert order == await taken(1)
    assert order != await taken(2)
