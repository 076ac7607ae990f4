"""The blocking keys of companies in Postgres: numbers under 64-bit keys, so that a million companies' keys fit into memory.

A btree that stops at `MAX_COMMON` answers faster in batches than a GIN index of arrays, which reads all that a common key
has (docs/bench.md, dedupe).
"""

from collections.abc import Iterable, Sequence

from libs.runtime.state import transaction
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.records import Company


async def companies_of(blocks: Sequence[int]) -> dict[int, set[str]]:
    """The ids behind each key, one more than `MAX_COMMON` at most: enough to know that a key says nothing."""
    found: dict[int, set[str]] = {block: set() for block in blocks}
    if not blocks:
        return found
    rows = await transaction().fetch(
        "select b.block, n.company_id from unnest($1::bigint[]) as b(block) cross join lateral ("
        "select number from company_block where block = b.block limit $2) h join company_number n using (number)",
        blocks, MAX_COMMON + 1,
    )  # fmt: skip
    for block, company_id in rows:
        found[block].add(company_id)
    return found


async def save_blocks(companies: Sequence[Company]) -> None:
    """Store the keys of companies that are in the table `company`; what stays the same is not written again."""
    wanted = {one.company_id: one.blocks() for one in companies}
    held = await _held(wanted)
    changed = {one: blocks for one, blocks in wanted.items() if one not in held or held[one][1] != blocks}
    await _drop((number, blocks - changed[one]) for one, (number, blocks) in held.items() if one in changed)
    ids = sorted(changed)
    numbers = await transaction().fetch(
        "insert into company_number (company_id, blocks) select c.company_id, string_to_array(c.blocks, ' ')::bigint[] "
        "from unnest($1::text[], $2::text[]) as c(company_id, blocks) on conflict (company_id) "
        "do update set blocks = excluded.blocks returning company_id, number",
        ids, [" ".join(map(str, sorted(changed[one]))) for one in ids],
    )  # fmt: skip
    new = sorted(
        (block, number)
        for one, number in numbers
        for block in changed[one] - (held[one][1] if one in held else frozenset())
    )
    await transaction().execute(
        "insert into company_block (block, number) select * from unnest($1::bigint[], $2::int[])",
        [block for block, _ in new], [number for _, number in new],
    )  # fmt: skip


async def drop_blocks(company_ids: Iterable[str]) -> None:
    """Forget the keys of companies that are about to go; their numbers go with their rows."""
    await _drop((await _held(company_ids)).values())


async def _held(company_ids: Iterable[str]) -> dict[str, tuple[int, frozenset[int]]]:
    rows = await transaction().fetch(
        "select company_id, number, blocks from company_number where company_id = any($1)", sorted(company_ids)
    )
    return {row["company_id"]: (row["number"], frozenset(row["blocks"])) for row in rows}


async def _drop(held: Iterable[tuple[int, frozenset[int]]]) -> None:
    pairs = [(block, number) for number, blocks in held for block in blocks]
    if pairs:
        await transaction().execute(
            "delete from company_block b using unnest($1::bigint[], $2::int[]) as o(block, number) "
            "where b.block = o.block and b.number = o.number",
            [block for block, _ in pairs], [number for _, number in pairs],
        )  # fmt: skip
