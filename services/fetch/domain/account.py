"""How one source's provider is asked: where, which version, which fields, and with which token."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """What the settings say of a source; empty: the connector's own default."""

    token: str = field(repr=False)
    base_url: str = ""
    version: str = ""
    fields: tuple[str, ...] = ()
    app_secret: str = field(default="", repr=False)
    """Meta only: signs every call, for apps that require it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A GET: the address with its query, and the headers."""

    url: str
    headers: dict[str, str] = field(repr=False)
