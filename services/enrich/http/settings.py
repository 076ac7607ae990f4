"""What the HTTP side of enrich is told from outside: limits by the environment, secrets by `<data>/enrich.json`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.runtime.addresses import PORTS
from libs.runtime.watched import Watched

FILE = "enrich.json"
_FILE = TypeAdapter(dict[str, Annotated[str, Field(min_length=1)]])


class EnrichHttpSettings(BaseSettings):
    """Settings of enrich's HTTP; the environment names are `ENRICH_HTTP_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="ENRICH_HTTP_", extra="ignore")

    contact: str = Field(default="", pattern=r"^[\x21-\x7e]*$", max_length=200)
    """Address or URL that sites find in our User-Agent, to reach who reads them."""
    ports: frozenset[int] = PORTS
    """Ports that may be called."""
    loopback: bool = False
    """Whether this machine may be called, at any port: for tests and demonstrations."""
    hosts: dict[str, str] = {}
    """Names that stand elsewhere, as a hosts file has them: `{"acme.example": "127.0.0.1:8080"}`. Still checked."""
    body_bytes: int = Field(default=1_000_000, ge=1_000, le=20_000_000)
    """Bytes of an answer that are read, counted after decompression."""
    nothing_days: float = Field(default=1.0, gt=0, le=366)
    """How long "nothing found" counts at most."""

    @property
    def user_agent(self) -> str:
        """By this name sites and their robots.txt know us."""
        return f"Signalbox/1.0 (lead enrichment{'; +' + self.contact if self.contact else ''})"


class SecretsFileError(ValueError):
    """`enrich.json` can't be used; the message says where, never what it holds."""


SecretsFile = Watched[Mapping[str, str]]


def read_secrets(path: Path) -> Mapping[str, str]:
    """Secrets by name; none without a file. Raises SecretsFileError, also when others may read the file."""
    try:
        if path.stat().st_mode & 0o077:
            raise SecretsFileError(f"{path}: others may read it; run `chmod 600` on it")
        return _FILE.validate_python(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise SecretsFileError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, SecretsFileError) else SecretsFileError(f"{path}: not JSON") from None


def secrets_file(data: Path) -> SecretsFile:
    """`enrich.json`; a file that can't be used is the `problem`."""
    return Watched(data / FILE, read_secrets, {})
