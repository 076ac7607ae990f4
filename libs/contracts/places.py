"""Where a value does not fit, in words that repeat nothing of what was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_OURS = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,40}")
"""What a field's name may look like. Anything else is somebody's own key, which may be an address or a name."""


def places(details: Sequence[Mapping[str, Any]]) -> list[str]:
    """A validation error's `errors()` in words: each place and what is wrong there. No value comes back, and of the keys
    only those that can be names of fields."""
    return [f"{'.'.join(map(_place, one['loc'])) or 'the body'}: {one['msg']}" for one in details]


def _place(part: object) -> str:
    return str(part) if isinstance(part, int) or _OURS.fullmatch(str(part)) else "(a key)"
