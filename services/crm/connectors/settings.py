"""Which remote CRMs there are and how they are reached: `<data>/crm.json`, mode 0600, since it holds tokens."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from libs.runtime.watched import Watched
from services.crm.domain.remote_fields import RemoteField

FILE = "crm.json"
RELOAD_SECONDS = 1.0


class _Remote(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fields: dict[str, dict[str, RemoteField]] = {}
    """By record type and field, beside or instead of the connector's own mapping."""
    types: tuple[str, ...] = ("contact", "company", "opportunity", "task")
    """Record types that are mirrored."""
    owners: dict[str, str] = {}
    """Remote owner by member id, where e-mail addresses do not tell."""
    poll_seconds: float = Field(default=30.0, gt=0)
    """How often the remote is asked what people changed there."""
    overlap_seconds: float = Field(default=120.0, ge=0)
    """How far each poll looks back behind the last one: a remote's index and clock lag."""
    take_new: bool = True
    """Whether records that people make in the remote come in."""
    enabled: bool = True


class HubSpotSettings(_Remote):
    """A HubSpot account. The token is that of a private app or an OAuth app with the crm.objects and crm.schemas scopes."""

    kind: Literal["hubspot"] = "hubspot"
    token: str = Field(min_length=1, repr=False)
    app_id: str = Field(min_length=1)
    """The app's id: HubSpot names it as the source of what we wrote, and so we know our own values in the history."""
    base_url: str = "https://api.hubapi.com"
    objects_path: str = "/crm/v3/objects"
    """HubSpot also serves dated paths, such as /crm/objects/2026-03."""
    id_property: str = "signalbox_id"
    """A text property of ours on each mirrored object, made with `hasUniqueValue`."""
    calls: int = Field(default=190, ge=1)
    per_seconds: float = Field(default=10.0, gt=0)
    """190 calls in 10 s is what Professional and Enterprise accounts allow a private app; OAuth apps have 110."""
    search_per_second: float = Field(default=4.0, gt=0)
    timeout_seconds: float = 20.0


class SalesforceSettings(_Remote):
    """A Salesforce org and a connected app. With a refresh token that flow is used, else client credentials."""

    kind: Literal["salesforce"] = "salesforce"
    login_url: str = "https://login.salesforce.com"
    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(default="", repr=False)
    version: str = "62.0"
    id_field: str = "Signalbox_Id__c"
    """A text field of ours on each mirrored object: external id, unique, case-sensitive."""
    user_id: str = ""
    """The user we act as; learned from the token when empty."""
    calls: int = Field(default=25, ge=1)
    per_seconds: float = Field(default=1.0, gt=0)
    daily_reserve: float = Field(default=0.1, ge=0, lt=1)
    """This share of the org's daily calls is left to everybody else."""
    timeout_seconds: float = 30.0


class WebhookSettings(_Remote):
    """Any system that speaks the protocol of docs/connectors.md."""

    kind: Literal["webhook"] = "webhook"
    url: str = Field(min_length=1)
    secret: str = Field(min_length=1, repr=False)
    """`whsec_` and a key in base64, as the Standard Webhooks have it."""
    calls: int = Field(default=20, ge=1)
    per_seconds: float = Field(default=1.0, gt=0)
    timeout_seconds: float = 15.0


RemoteSettings = Annotated[HubSpotSettings | SalesforceSettings | WebhookSettings, Field(discriminator="kind")]
_FILE = TypeAdapter(dict[str, RemoteSettings])


class RemotesFileError(ValueError):
    """`crm.json` can't be used; the message says where, never what it holds."""


def read_remotes(data: Path) -> dict[str, RemoteSettings]:
    """The remote CRMs by name; none without a file. Raises RemotesFileError, also when others may read the file."""
    path = data / FILE
    try:
        if path.stat().st_mode & 0o077:
            raise RemotesFileError(f"{path}: others may read it; run `chmod 600` on it")
        return _FILE.validate_python(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RemotesFileError(f"{path}: {where}: {first['msg']}") from None
    except ValueError as error:
        raise error if isinstance(error, RemotesFileError) else RemotesFileError(f"{path}: not JSON") from None


RemotesFile = Watched[dict[str, RemoteSettings]]


def remotes_file(data: Path) -> RemotesFile:
    """`crm.json`, the remotes that are enabled; a file that can't be used is the `problem`."""
    return Watched(data / FILE, _enabled, {})


def _enabled(path: Path) -> dict[str, RemoteSettings]:
    return {name: one for name, one in read_remotes(path.parent).items() if one.enabled}
