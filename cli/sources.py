"""Secrets of the intake's sources: `<data>/sources.json`, made with random ones for every source that needs one."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embedded.files import write_atomically
from libs.policy.sources import IntakeSource

FILE = "sources.json"


def ensure_sources(data: Path, sources: Mapping[str, IntakeSource]) -> None:
    """Give every source that the policy wants signed a random secret, unless it has one; nothing else is touched."""
    held = _read(data)
    wanted = {source.secret for source in sources.values() if source.secret}
    made: dict[str, Any] = {
        name: [{"name": "first", "value": secrets.token_hex(24)}] for name in sorted(wanted - held.keys())
    }
    if made:
        write_atomically(data / FILE, json.dumps({**held, **made}, indent=2))


def secrets_of(data: Path) -> dict[str, str]:
    """The last secret of each source that has one."""
    found = {}
    for name, entry in _read(data).items():
        entries = entry if isinstance(entry, list) else entry.get("secrets", [])
        if entries:
            found[name] = str(entries[-1]["value"])
    return found


def _read(data: Path) -> dict[str, Any]:
    path = data / FILE
    return dict(json.loads(path.read_text())) if path.exists() else {}
