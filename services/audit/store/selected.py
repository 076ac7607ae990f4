"""The rows that a rollback's selection may mean, as one query."""

from typing import Any

from libs.contracts.change import WHOLE
from libs.runtime.keys import Keys
from services.audit.domain.move import Move
from services.audit.domain.selection import Selection, SelectionTooLarge
from services.audit.domain.targets import REPORTER
from services.audit.store.log import MOVE_COLUMNS, Database, moves_of

_WHO = {"workflow": "workflow_name", "workflow_version": "workflow_version", "policy_version": "policy_version"}
_WHERE = {
    "source_kind": "source_kind", "source_name": "source_name", "lead_id": "lead_id", "model_version": "model_version",
    "actor_kind": "actor_kind", "actor_id": "actor_id",
}  # fmt: skip


class _Conditions:
    """SQL conditions with their arguments, numbered on from one another."""

    def __init__(self) -> None:
        self.arguments: list[Any] = []

    def given(self, value: Any) -> str:
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    def who(self, selection: Selection, table: str) -> str:
        parts = [
            f"{table}.{column} = {self.given(getattr(selection, name))}"
            for name, column in _WHO.items()
            if getattr(selection, name) is not None
        ]
        return " and ".join(parts) or "true"

    def where(self, selection: Selection, table: str) -> str:
        parts = [
            f"{table}.{column} = {self.given(getattr(selection, name))}"
            for name, column in _WHERE.items()
            if getattr(selection, name) is not None
        ]
        if selection.rollback_id is not None:
            parts.append(
                f"{table}.source_kind = 'rollback' and {table}.source_name = {self.given(selection.rollback_id)}"
            )
        if selection.change_ids:
            parts.append(f"{table}.change_id = any({self.given(list(selection.change_ids))})")
        if selection.fields:
            parts.append(f"{table}.field = any({self.given([*selection.fields, WHOLE])})")
        if selection.records:
            types = self.given([record.type for record in selection.records])
            names = self.given([record.id for record in selection.records])
            listed = f"(select * from unnest({types}::text[], {names}::text[]))"  # noqa: S608 - numbered arguments
            parts.append(f"({table}.record_type, {table}.record_id) in {listed}")
        if selection.since is not None:
            parts.append(f"{table}.at >= {self.given(selection.since)}")
        if selection.until is not None:
            parts.append(f"{table}.at <= {self.given(selection.until)}")
        return " and ".join(parts) or "true"


async def selected_moves(db: Database, selection: Selection, limit: int, keys: Keys) -> list[Move]:
    """All applied moves of every field that the selection may touch, and those of the leads behind them.

    Wider than the selection: what is really meant is for the rollback's rules to say. Raises SelectionTooLarge for more
    than `limit` rows.
    """
    sql = _Conditions()
    where, who, behind = sql.where(selection, "change"), sql.who(selection, "change"), sql.who(selection, "decided")
    reporter, stage = sql.given(REPORTER), sql.given(selection.workflow)
    reported = (
        f"(workflow_name = {reporter}::text and (lead_id in (select decided.lead_id from change decided where {behind}) "  # noqa: S608
        f"or split_part(replace(actor_id, ':', '.'), '.', 1) = {stage}::text "
        f"or (source_kind, {stage}::text) in (('provider', 'enrich'), ('model', 'classify'))))"
    )
    touched = (
        "select distinct record_type, record_id, field from change "  # noqa: S608 - names of ours, numbered arguments
        f"where status = 'applied' and readable and {where} and ({who} or {reported})"
    )
    lines = (
        f"select {MOVE_COLUMNS}, lead_id from change join touched using (record_type, record_id) "  # noqa: S608
        f"where status = 'applied' and readable and (change.field in (touched.field, '{WHOLE}') or touched.field = '{WHOLE}')"
    )
    decisions = (
        f"select {MOVE_COLUMNS} from change where readable and {str(who != 'true').lower()} "  # noqa: S608
        "and lead_id in (select lead_id from lines)"
    )
    rows = await db.fetch(
        f"with touched as materialized ({touched}), lines as materialized ({lines}) "  # noqa: S608
        f"select {MOVE_COLUMNS} from lines union {decisions} order by chain, seq limit {sql.given(limit + 1)}",
        *sql.arguments,
    )
    if len(rows) > limit:
        raise SelectionTooLarge(limit)
    return await moves_of(rows, keys)
