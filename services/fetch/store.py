"""Wanted objects in Postgres; every method uses the batch's transaction."""

from collections.abc import Iterable, Mapping, Sequence

from libs.contracts.fetch import FetchOrder
from libs.runtime.state import transaction
from services.fetch.domain.wanted import Wanted
from services.fetch.rows import wanted_values


class PostgresWanted:
    """See `stage.WantedStore`."""

    async def locked(self, keys: Sequence[str]) -> Mapping[str, Wanted]:
        """The objects of these keys that were asked for before, locked until the transaction ends."""
        rows = await transaction().fetch(
            'select key, "order", state, at, reason from wanted where key = any($1) order by key for update', list(keys)
        )
        return {
            row["key"]: Wanted(
                row["key"], FetchOrder.model_validate_json(row["order"]), row["state"], row["at"], row["reason"]
            )
            for row in rows
        }

    async def save(self, moved: Iterable[Wanted]) -> None:
        """Store the objects as they are now."""
        await transaction().executemany(
            'insert into wanted (key, "order", state, at, reason) values ($1, $2::jsonb, $3, $4, $5) '
            'on conflict (key) do update set "order" = excluded."order", state = excluded.state, at = excluded.at, '
            "reason = excluded.reason",
            [wanted_values(one) for one in moved],
        )
