"""Fetch's rows: wanted objects, as they are stored. `store.py` writes them, `rebuild.py` reads them back."""

from libs.runtime.rows import Kept, named
from services.fetch.domain.wanted import Wanted

WANTED = ("key", "order", "state", "at", "reason")


def rows_of(one: Wanted) -> list[Kept]:
    """The object's row."""
    return [named("wanted", WANTED, wanted_values(one), one.key)]


def wanted_values(one: Wanted) -> tuple[object, ...]:
    """In the order of `WANTED`."""
    return one.key, one.order.model_dump_json(), one.state, one.at, one.reason
