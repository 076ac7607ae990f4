"""What a source consists of on disk: secrets in `<data>/sources.json`, access tokens in `<data>/fetch.json`, its entry in the
policy. Nothing here is ever printed or logged."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from embedded.files import write_atomically
from libs.policy.sources import IntakeSource

FILE = "sources.json"
TOKENS = "fetch.json"
_PLAIN = re.compile(r"[a-z][a-z0-9_]*\Z")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
"""What YAML would not take for text."""


@dataclass(frozen=True)
class HeldSecret:
    """One secret of a source: its name, and until when it counts (UTC); None: until it is rotated."""

    name: str
    value: str
    not_after: datetime | None


def ensure_sources(data: Path, sources: Mapping[str, IntakeSource]) -> None:
    """Give every source that the policy wants signed a random secret, unless it has one; nothing else is touched."""
    held = _read(data / FILE)
    wanted = {source.secret for source in sources.values() if source.secret}
    made: dict[str, Any] = {name: [{"name": "first", "value": new_secret()}] for name in sorted(wanted - held.keys())}
    if made:
        _write(data / FILE, {**held, **made})


def new_secret() -> str:
    """192 random bits as hex, which is also good base64."""
    return secrets.token_hex(24)


def secrets_of(data: Path) -> dict[str, str]:
    """The last secret of each source that has one."""
    return {name: held[-1].value for name in _read(data / FILE) if (held := held_secrets(data, name))}


def held_secrets(data: Path, name: str) -> list[HeldSecret]:
    """A source's secrets, the newest last."""
    return [
        HeldSecret(str(entry.get("name", "first")), str(entry["value"]), _time(entry.get("not_after")))
        for entry in _entries(_read(data / FILE).get(name, []))
    ]


def add_secrets(
    data: Path, name: str, values: Mapping[str, str], now: datetime, ends: datetime, lasting: str = ""
) -> None:
    """Add secrets by their names, the last one counting as the newest. Those held so far end at `ends` if they have no
    earlier end, except the one named `lasting`; those that ended already go."""
    held = _read(data / FILE)
    entry = held.get(name, [])
    kept = []
    for one in _entries(entry):
        end = _time(one.get("not_after"))
        if one.get("name") == lasting:
            kept.append(one)
        elif end is None or end > now:
            kept.append({**one, "not_after": min(end or ends, ends).isoformat()})
    kept += [{"name": label, "value": value} for label, value in values.items()]
    held[name] = {**entry, "secrets": kept} if isinstance(entry, dict) else kept
    _write(data / FILE, held)


def forget_secrets(data: Path, name: str) -> None:
    """Take the secrets of a source away."""
    held = _read(data / FILE)
    if held.pop(name, None) is not None:
        _write(data / FILE, held)


def sources_with_tokens(data: Path) -> set[str]:
    """The sources whose provider can be asked for what stands behind an id."""
    return set(_read(data / TOKENS))


def set_token(data: Path, name: str, token: str) -> None:
    """Keep the access token with which a source's provider is asked; its other settings stay."""
    held = _read(data / TOKENS)
    held[name] = {**held.get(name, {}), "token": token}
    _write(data / TOKENS, held)


def with_source(text: str, name: str, entry: Mapping[str, Any]) -> str:
    """`sources.yaml` with one more source at the end of its block; every other character stays. Raises LookupError
    when it has no block `sources:`."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if re.match(r"sources:\s*(#.*)?$", line)), None)
    if start is None:
        raise LookupError("sources.yaml has no block `sources:`")
    end = start
    for number in range(start + 1, len(lines)):
        if lines[number][:1] not in ("", " ", "#"):
            break
        if lines[number].startswith(" ") and lines[number].strip():
            end = number
    lines.insert(end + 1, f"  {name}: {_flow(entry)}")
    return newline.join(lines) + newline


def _flow(value: Any) -> str:
    """A value as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(held)}" for key, held in value.items()) + "}"
    if isinstance(value, str) and (not _PLAIN.match(value) or value in _WORDS):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, str) else json.dumps(value)


def _entries(entry: Any) -> list[dict[str, Any]]:
    return list(entry if isinstance(entry, list) else entry.get("secrets", []))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _write(path: Path, held: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps(held, indent=2))
