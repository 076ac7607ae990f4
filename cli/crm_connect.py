"""`crm connect`, `crm remotes`, `crm import --from`: which remote CRMs are connected, how they are, and their records."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cli.client import Api
from cli.console import err, out
from cli.errors import CliError
from cli.options import Data
from cli.records import Crm
from embedded.files import write_atomically
from libs.runtime.errors import Rejected, Retryable
from services.crm.connectors import KINDS, connector_of, open_connector
from services.crm.connectors.base import Connector, pull_all
from services.crm.connectors.settings import FILE, RemoteSettings, RemotesFileError, read_remotes

_SETTINGS: TypeAdapter[RemoteSettings] = TypeAdapter(RemoteSettings)
BATCH = 250
LINES = 50
"""So many records are named that were not made."""
_COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
_ASKED: Mapping[str, tuple[tuple[str, str, bool], ...]] = {
    "hubspot": (("token", "Token of the private app", True), ("app_id", "Id of the private app", False)),
    "salesforce": (
        ("login_url", "Login address (https://login.salesforce.com, or your domain's)", False),
        ("client_id", "Consumer key of the connected app", False),
        ("client_secret", "Consumer secret", True),
        ("refresh_token", "Refresh token (empty for client credentials)", True),
    ),
    "webhook": (("url", "Address that takes the messages", False), ("secret", "Secret (whsec_...)", True)),
}
"""What is asked for by kind: setting, words, whether it is hidden while typed."""


def connect(
    kind: Annotated[str, typer.Argument(help="hubspot, salesforce or webhook")],
    data: Data,
    name: Annotated[str, typer.Option(help="What to call it; its kind when left out")] = "",
    setting: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, any setting of the connector")] = None,
    check: Annotated[bool, typer.Option(help="Ask the remote before anything is written")] = True,
) -> None:
    """Connect a remote CRM: asks for its secrets, tries them, and keeps them in the data folder's crm.json (mode 0600)."""
    if kind not in KINDS:
        raise CliError(f"there is no connector '{kind}'", "crm connect", f"take one of {', '.join(KINDS)}")
    held = _remotes(data)
    entry = {"kind": kind, **_given(kind, setting or [])}
    try:
        settings = _SETTINGS.validate_python(entry)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise CliError(f"{where}: {first['msg']}", "crm connect", "give it with --set NAME=VALUE") from None
    called = name or kind
    if check:
        _tried(called, settings)
    written = {**held, called: entry}
    write_atomically(data / FILE, json.dumps(written, indent=2))
    (data / FILE).chmod(0o600)
    out.print(
        f"[green]{called} is connected[/]: {', '.join(settings.types)}. A running stack takes it up within a second."
    )


def remotes(data: Data) -> None:
    """Show every connected remote CRM: whether it answers, what waits for it, conflicts, and what it refused."""
    with Api.of(data) as client:
        told = client.get("crm", "/api/remotes")
    if told["problem"]:
        out.print(f"[red]{told['problem']}[/]")
    table = Table("remote", "kind", "state", "linked", "waiting", "failed", "conflicts", "last look", "last problem")
    for one in told["items"]:
        counts = [str(one[key]) for key in ("linked", "waiting", "failed", "conflicts")]
        table.add_row(one["name"], one["kind"], one["state"], *counts, one["polled_at"] or "-", one["problem"] or "-")
    out.print(table)
    for one in told["items"]:
        for refused in one["refused"]:
            why = refused["note"] or ("deleted there" if refused["gone"] else "")
            out.print(f"  {one['name']} {refused['type']} {refused['id']}: {why}", markup=False)


def pull(name: str, data: Path, record_type: str, *, dry_run: bool, possible: bool) -> None:
    """Load a remote's base of records into the built-in CRM. What is there already is told and left as it is; the same
    command goes on where it was stopped."""
    try:
        connector = open_connector(data, name)
        if record_type not in connector.types:
            raise CliError(f"{name} has no {record_type}", "--type", f"take one of {', '.join(connector.types)}")
        with Api.of(data) as api, Progress(*_COLUMNS, console=err, transient=True) as progress:
            task = progress.add_task(f"{name} {record_type}", total=None)
            load = Load(connector, api, record_type, dry_run=dry_run, possible=possible)
            asyncio.run(load.run(lambda done, total: progress.update(task, completed=done, total=total)))
    except (RemotesFileError, Retryable, Rejected) as error:
        raise CliError(str(error), f"crm import --from {name}", "look at `./signalbox crm remotes`") from None
    for line in load.lines[:LINES]:
        out.print(line, markup=False)
    counts = ", ".join(f"{count:,} {what}" for what, count in sorted(load.counts.items())) or "nothing there"
    out.print(f"{'would be' if dry_run else 'done'}: {counts}")


@dataclass
class Load:
    """One load of a remote's base."""

    connector: Connector
    api: Crm
    record_type: str
    dry_run: bool = False
    possible: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    """What was not made and why, for people."""

    async def run(self, on_page: Callable[[int, int | None], None]) -> None:
        """Page by page: look who is there already, then make the others."""
        members = self._members()
        done, total = 0, None
        async for page in pull_all(self.connector, self.record_type, members):
            total = page.total if page.total is not None else total
            for at in range(0, len(page.records), BATCH):
                self._taken(page.records[at : at + BATCH])
            done += len(page.records)
            on_page(done, total)
        await self.connector.http.close()

    def _members(self) -> dict[str, str]:
        items = self.api.get("crm", "/api/records/member", limit=500)["items"]
        return {str(one["fields"].get("email", "")).lower(): one["id"] for one in items if one["fields"].get("email")}

    def _taken(self, records: Sequence[dict[str, Any]]) -> None:
        verdicts = self._verdicts(records)
        wanted = ("new", "ambiguous") if self.possible else ("new",)
        make = [one for one, verdict in zip(records, verdicts, strict=True) if verdict in wanted]
        for one, verdict in zip(records, verdicts, strict=True):
            if verdict not in wanted:
                self.counts[verdict] += 1
                self.lines.append(f"{one['id']}: {verdict}")
        if self.dry_run:
            self.counts["new"] += len(make)
        elif make:
            body = {"records": make, "source": self.connector.name, "reason": f"loaded from {self.connector.name}"}
            for told in self.api.post("crm", f"/api/import/{self.record_type}", body)["answer"]["records"]:
                self.counts[told["status"]] += 1
                if told["status"] in ("invalid", "blocked"):
                    self.lines.append(f"{told['id']}: {'; '.join(told.get('problems', (told['status'],)))}")

    def _verdicts(self, records: Sequence[dict[str, Any]]) -> list[str]:
        """What dedupe says of each; a candidate that is the record itself, loaded before, does not count."""
        if self.record_type not in ("contact", "company"):
            return ["new"] * len(records)
        body = {"type": self.record_type, "records": [one["fields"] for one in records]}
        told = self.api.post("dedupe", "/api/preview", body)["records"]
        own = {one["id"] for one in records}
        return [
            verdict["verdict"] if any(one["record"]["id"] not in own for one in verdict["candidates"]) else "new"
            for verdict in told
        ]


def _given(kind: str, settings: list[str]) -> dict[str, Any]:
    """The settings as they were given, and asked for where they were not."""
    found: dict[str, Any] = {}
    for one in settings:
        key, equals, value = one.partition("=")
        if not equals:
            raise CliError(f"'{one}' is not NAME=VALUE", "crm connect", "write --set NAME=VALUE")
        found[key] = json.loads(value) if value[:1] in "[{" else value
    for key, words, hidden in _ASKED[kind]:
        if key not in found:
            told = typer.prompt(words, default="", hide_input=hidden, show_default=False)
            found |= {key: told} if told else {}
    return found


def _remotes(data: Path) -> dict[str, Any]:
    """The file as it is, checked."""
    try:
        read_remotes(data)
    except RemotesFileError as error:
        raise CliError(str(error), str(data / FILE), "mend the file first") from None
    path = data / FILE
    return dict(json.loads(path.read_text())) if path.exists() else {}


def _tried(name: str, settings: RemoteSettings) -> None:
    """Ask the remote for one page. Raises CliError with what it says."""

    async def ask() -> None:
        connector = connector_of(name, settings)
        await connector.pull(next(iter(connector.types)))
        await connector.http.close()

    try:
        asyncio.run(ask())
    except (Retryable, Rejected) as error:
        do = "check the secrets, the rights and our id field there (docs/connectors.md); --no-check writes it anyway"
        raise CliError(str(error), f"crm connect {settings.kind}", do) from None
