"""The blocking keys of companies in Postgres: numbers under 64-bit keys, so that a million companies' keys fit into memory.

A btree that stops at `MAX_COMMON` answers faster in batches than a GIN index of arrays, which reads all that a common key
has (docs/bench.md, dedupe).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from libs.runtime.state import transaction
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.likeness import CompanyTexts, company_texts
from services.dedupe.domain.records import Company


@dataclass(frozen=True, slots=True)
class _Kept:
    """A company's blocking keys, and its texts (None: not kept yet)."""

    blocks: frozenset[int]
    texts: CompanyTexts | None


async def companies_of(blocks: Sequence[int]) -> tuple[dict[int, set[str]], dict[str, CompanyTexts | None]]:
    """The ids behind each key, and what is kept of those companies. Of a key that more than `MAX_COMMON` share so many
    numbers, one more, stand in for the ids: enough to know that it says nothing, and no company is looked up for it."""
    numbers = await _numbers(blocks)
    few = {number for held in numbers.values() if len(held) <= MAX_COMMON for number in held}
    rows = await _companies(few) if few else []
    ids = {row["number"]: row["company_id"] for row in rows}
    found = {block: {ids.get(number, f"number:{number}") for number in held} for block, held in numbers.items()}
    return found, {row["company_id"]: _texts(row) for row in rows}


async def _numbers(blocks: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {block: set() for block in blocks}
    if not blocks:
        return found
    rows = await transaction().fetch(
        "select b.block, h.number from unnest($1::bigint[]) as b(block) cross join lateral ("
        "select number from company_block where block = b.block order by number limit $2) h",
        blocks, MAX_COMMON + 1,
    )  # fmt: skip
    for block, number in rows:
        found[block].add(number)
    return found


async def _companies(numbers: Iterable[int]) -> list[asyncpg.Record]:
    return await transaction().fetch(
        "select number, company_id, names, letters, labels from company_number where number = any($1)", sorted(numbers)
    )


def _texts(row: asyncpg.Record) -> CompanyTexts | None:
    if row["names"] is None:
        return None
    return CompanyTexts(
        *(tuple(row[column].split("\n") if row[column] else ()) for column in ("names", "letters", "labels"))
    )


async def save_blocks(companies: Sequence[Company]) -> None:
    """Store the keys of companies that are in the table `company`; what stays the same is not written again."""
    wanted = {one.company_id: _Kept(one.blocks(), company_texts(one)) for one in companies}
    held = await _held(wanted)
    changed = {one: kept for one, kept in wanted.items() if one not in held or held[one][1] != kept}
    await _drop((number, kept.blocks - changed[one].blocks) for one, (number, kept) in held.items() if one in changed)
    numbers = await _save_numbers(changed)
    new = sorted(
        (block, number)
        for one, number in numbers
        for block in changed[one].blocks - (held[one][1].blocks if one in held else frozenset())
    )
    await transaction().execute(
        "insert into company_block (block, number) select * from unnest($1::bigint[], $2::int[])",
        [block for block, _ in new], [number for _, number in new],
    )  # fmt: skip


async def _save_numbers(changed: Mapping[str, _Kept]) -> list[asyncpg.Record]:
    ids = sorted(changed)
    texts = [changed[one].texts or CompanyTexts() for one in ids]
    return await transaction().fetch(
        "insert into company_number (company_id, blocks, names, letters, labels) "
        "select c.company_id, string_to_array(c.blocks, ' ')::bigint[], c.names, c.letters, c.labels "
        "from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) "
        "as c(company_id, blocks, names, letters, labels) "
        "on conflict (company_id) do update set blocks = excluded.blocks, names = excluded.names, "
        "letters = excluded.letters, labels = excluded.labels returning company_id, number",
        ids, [" ".join(map(str, sorted(changed[one].blocks))) for one in ids],
        ["\n".join(one.names) for one in texts], ["\n".join(one.letters) for one in texts],
        ["\n".join(one.labels) for one in texts],
    )  # fmt: skip


async def drop_blocks(company_ids: Iterable[str]) -> None:
    """Forget the keys of companies that are about to go; their numbers go with their rows."""
    await _drop((number, kept.blocks) for number, kept in (await _held(company_ids)).values())


async def _held(company_ids: Iterable[str]) -> dict[str, tuple[int, _Kept]]:
    rows = await transaction().fetch(
        "select company_id, number, blocks, names, letters, labels from company_number where company_id = any($1)",
        sorted(company_ids),
    )
    return {row["company_id"]: (row["number"], _Kept(frozenset(row["blocks"]), _texts(row))) for row in rows}


async def _drop(held: Iterable[tuple[int, frozenset[int]]]) -> None:
    pairs = [(block, number) for number, blocks in held for block in blocks]
    if pairs:
        await transaction().execute(
            "delete from company_block b using unnest($1::bigint[], $2::int[]) as o(block, number) "
            "where b.block = o.block and b.number = o.number",
            [block for block, _ in pairs], [number for _, number in pairs],
        )  # fmt: skip
