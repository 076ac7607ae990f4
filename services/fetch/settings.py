"""What fetch is told from outside: limits by the environment, tokens by `<data>/fetch.json`."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.runtime.watched import Watched
from services.fetch.domain.account import Account

FILE = "fetch.json"


class FetchSettings(BaseSettings):
    """Limits; the environment names are `FETCH_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="FETCH_", extra="ignore")

    timeout_seconds: float = Field(default=10.0, gt=0, le=30)
    """How long a provider may take for one answer. An effect is taken up again by another worker after a minute."""
    at_once: int = Field(default=4, ge=1, le=32)
    """Calls side by side, over all providers."""
    max_answer_bytes: int = 1024 * 1024


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: str = Field(min_length=1, repr=False)
    base_url: str = ""
    version: str = ""
    fields: tuple[str, ...] = ()
    app_secret: str = Field(default="", repr=False)


_FILE = TypeAdapter(dict[str, _Entry])


class AccountsFileError(ValueError):
    """`fetch.json` can't be used; the message says where, never what it holds."""


def read_accounts(path: Path) -> dict[str, Account]:
    """The account of each source by name; none when the file does not exist. Raises AccountsFileError."""
    try:
        entries = _FILE.validate_python(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise AccountsFileError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise AccountsFileError(f"{path}: not JSON") from None
    return {name: Account(**dict(entry)) for name, entry in entries.items()}


def accounts_file(path: Path) -> Watched[dict[str, Account]]:
    """`fetch.json`. Raises AccountsFileError."""
    return Watched(path, read_accounts)
