"""Where values came from, as it is stored: once for all fields that came together, not once for each."""

from collections import Counter
from collections.abc import Collection, Mapping

from pydantic import TypeAdapter

from services.crm.domain.record import FieldMeta, RecordState

_META = TypeAdapter(dict[str, FieldMeta])
_SHARED = "*"
"""In the stored map: the meta of every field of the record that the map does not name. No field has this name."""


def meta_json(state: RecordState) -> str:
    """The record's meta as JSON; what most of its fields share stands there once."""
    meta = state.meta
    if len(meta) > 1 and meta.keys() >= state.fields.keys():
        shared = _most_common(meta, state.fields.keys())
        if shared is not None:
            others = {name: one for name, one in meta.items() if one is not shared or name not in state.fields}
            return _META.dump_json({_SHARED: shared, **others}).decode()
    return _META.dump_json(dict(meta)).decode()


def _most_common(meta: Mapping[str, FieldMeta], names: Collection[str]) -> FieldMeta | None:
    """The one object that several fields share; equal ones are not looked for: that would cost more than it saves."""
    counted = Counter(id(meta[name]) for name in names)
    place, count = counted.most_common(1)[0] if counted else (0, 0)
    return next(one for one in meta.values() if id(one) == place) if count > 1 else None


def meta_of(text: str, fields: Collection[str]) -> dict[str, FieldMeta]:
    """The meta by field that `meta_json` wrote."""
    meta = _META.validate_json(text)
    shared = meta.pop(_SHARED, None)
    return meta if shared is None else {**dict.fromkeys(fields, shared), **meta}
