"""What intake is told from outside: limits by the environment, secrets by `<data>/sources.json`."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.runtime.watched import Watched
from services.intake.domain.request import Secret
from services.intake.domain.sources import UNDECLARED_TRUST, SourceSetting


class IntakeSettings(BaseSettings):
    """Limits; the environment names are `INTAKE_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_", extra="ignore")

    public_url: str = ""
    """The address that senders post to, as HubSpot signs it; http://127.0.0.1:PORT when empty."""
    port: int = 0
    max_body_bytes: int = 1024 * 1024
    body_seconds: float = 10.0
    send_seconds: float = 5.0
    max_requests_in_flight: int = 1_024
    max_bytes_in_flight: int = 128 * 1024 * 1024
    source_rate: float = 20_000.0
    """Requests a second of one source, on average; 0 is no limit."""
    source_burst: float = 40_000.0
    spool_max_bytes: int = 512 * 1024 * 1024
    maps: bool = True
    """Whether this process also maps submissions to leads. Under heavy load one process receives and another maps."""

    @property
    def base_url(self) -> str:
        """The public address without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"


class _SecretEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = "first"
    value: str = Field(min_length=1, repr=False)
    not_before: datetime | None = None
    not_after: datetime | None = None


class _SourceEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    secrets: list[_SecretEntry] = []
    adapter: str | None = None
    trust: float = Field(default=UNDECLARED_TRUST, ge=0, le=1)
    kind: str = Field(default="lead", pattern=r"^[a-z][a-z0-9_]{0,63}$")
    unsigned: bool = False


def _with_secrets(value: object) -> object:
    """A bare list is a source's secrets."""
    return {"secrets": value} if isinstance(value, list) else value


_FILE = TypeAdapter(dict[str, Annotated[_SourceEntry, BeforeValidator(_with_secrets)]])


class SourcesFileError(ValueError):
    """`sources.json` can't be used; the message says where, never what it holds."""


def read_sources(path: Path) -> dict[str, SourceSetting]:
    """The settings of each source by name; none when the file does not exist. Raises SourcesFileError."""
    try:
        parsed = parse_strict(path.read_bytes())
        entries = _FILE.validate_json(json.dumps(parsed.value))
    except FileNotFoundError:
        return {}
    except StrictJsonError as error:
        raise SourcesFileError(f"{path}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourcesFileError(f"{path}: {where}: {first['msg']}") from None
    return {name: _setting(entry) for name, entry in entries.items()}


def _setting(entry: _SourceEntry) -> SourceSetting:
    secrets = tuple(Secret(held.name, held.value.encode(), held.not_before, held.not_after) for held in entry.secrets)
    return SourceSetting(secrets, entry.adapter, entry.trust, entry.kind, entry.unsigned)


SourcesFile = Watched[dict[str, SourceSetting]]


def sources_file(path: Path) -> SourcesFile:
    """`sources.json`. Raises SourcesFileError."""
    return Watched(path, read_sources)
