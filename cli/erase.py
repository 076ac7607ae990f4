"""`erase`, `erasures`, `subject`: forget a person, see what was forgotten, and give a person what is held of them."""

import asyncio
import json
import shutil
import time
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from cli.client import Api, Running
from cli.console import PlainTable, err, out, print_json, say
from cli.errors import CliError
from cli.options import Actor, AsJson, Data
from cli.whatif.ask import CACHE_FOLDER
from libs.contracts.codec import decode
from libs.contracts.topics import SUBJECT_ERASED
from libs.runtime.broker import read_topics

Subject = Annotated[
    str, typer.Argument(help="An e-mail address, type:id of a record, or the id of a lead or a submission.")
]
WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.3
CHECKPOINTS = (
    "select nspname from pg_namespace where to_regclass(quote_ident(nspname) || '.checkpoint') is not null order by 1"
)
TABLES = (
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = any($1) "
    "and not (schemaname = 'audit' and tablename like 'change%')"
)
"""All but the log, which holds nothing in the clear and is never deleted from."""
retention_app = typer.Typer(help="What the policy keeps no longer: due, apply.", no_args_is_help=True)
subject_app = typer.Typer(help="What is held of one person: show, export.", no_args_is_help=True)
erasures_app = typer.Typer(help="What was erased: list, show.", no_args_is_help=True)


def erase(
    subject: Subject,
    data: Data,
    reason: Annotated[str, typer.Option("--reason", help="Why, without naming the person: it is kept for ever.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """Forget a person for good: destroy their keys and remove what every service holds of them. Can't be undone."""
    with Api.of(data, actor) as api:
        found = api.post("audit", "/api/subjects", {"subject": subject})
        if not as_json:
            _show(found)
        reason = reason or ("" if yes else typer.prompt("Why (do not name the person)", err=True))
        if not reason:
            raise CliError("an erasure needs a reason", "--reason", 'say it: --reason "asked by letter of 2026-11-20"')
        if not yes:
            typer.confirm("Nothing brings this back. Erase?", abort=True, err=True)
        api.post("audit", "/api/erasures", {"group": found["group"], "reason": reason})
        held = _destroyed(api, found["erasure_id"])
        done = asyncio.run(_forgotten(api.stack, found["erasure_id"])) if api.stack.database_url else []
        _drop_caches(api.stack.data)
    if as_json:
        print_json({**held, "services": done})
        return
    out.print(
        f"erased: {held['keys_destroyed']} keys destroyed; forgotten by {', '.join(done) or 'each service as it reads'}"
    )
    out.print("what was on its way is forgotten within a minute; backups and write-ahead logs keep their own times")
    if any(record["type"] == "contact" for record in found["group"]["records"]):
        out.print("connected CRMs, mailboxes and exported files are not ours to erase: see docs/erasure.md")


@erasures_app.command("list")
def listed(data: Data, limit: Annotated[int, typer.Option("--limit", min=1)] = 50, as_json: AsJson = False) -> None:
    """Erasures, the newest first."""
    with Api.of(data) as api:
        found = api.get("audit", "/api/erasures", limit=limit)["items"]
    if as_json:
        print_json(found)
        return
    table = PlainTable("ordered", "erasure", "by", "leads", "records", "keys", "said again", "reason")
    for one in found:
        table.add_row(
            one["ordered_at"][:19], one["erasure_id"], one["actor_id"], str(len(one["lead_ids"])), str(len(one["records"])),
            "not yet" if one["keys_destroyed"] is None else str(one["keys_destroyed"]),
            "yes" if one["repeated_at"] else "not yet", one["reason"],
        )  # fmt: skip
    out.print(table if found else "nobody was erased")


@erasures_app.command("show")
def show(erasure_id: str, data: Data) -> None:
    """One erasure: what was named, and when its keys were destroyed."""
    with Api.of(data) as api:
        print_json(api.get("audit", f"/api/erasures/{erasure_id}"))


@subject_app.command("show")
def subject_show(subject: Subject, data: Data, as_json: AsJson = False) -> None:
    """All that is one person's, by ids, and how many changes of the log tell of them."""
    with Api.of(data) as api:
        found = api.post("audit", "/api/subjects", {"subject": subject})
    if as_json:
        print_json(found)
    else:
        _show(found)


@subject_app.command("export")
def export(
    subject: Subject,
    data: Data,
    out_file: Annotated[Path, typer.Option("--out", help="The file to write; only its owner may read it.")],
    actor: Actor = "cli",
) -> None:
    """Write all that is held of a person as JSON: raw submissions, journeys, and every change of every record."""
    with Api.of(data, actor) as api:
        found = api.post("audit", "/api/subjects/export", {"subject": subject})
    out_file.touch(mode=0o600)
    out_file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    out.print(
        f"{out_file}: {len(found['submissions'])} submissions, {len(found['leads'])} leads, {len(found['changes'])} changes",
        markup=False,
    )


@retention_app.command("due")
def retention_due(
    data: Data, limit: Annotated[int, typer.Option("--limit", min=1, max=500)] = 50, as_json: AsJson = False
) -> None:
    """Leads that are kept no longer, by `retention.yaml` of the policy in force."""
    with Api.of(data) as api:
        found = api.get("audit", "/api/retention/due", limit=limit)
    if as_json:
        print_json(found)
        return
    table = PlainTable("lead", "class", "last that happened")
    for one in found["items"]:
        table.add_row(one["lead_id"], one["class"], one["last_at"][:19])
    out.print(table if found["items"] else "nothing is due")
    if not found["classes"]:
        out.print("the policy keeps everything for ever: it has no class in retention.yaml")


@retention_app.command("apply")
def retention_apply(
    data: Data, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, actor: Actor = "cli"
) -> None:
    """Forget everything that is due, for good."""
    with Api.of(data, actor) as api:
        if not api.get("audit", "/api/retention/due", limit=1)["items"]:
            out.print("nothing is due")
            return
        if not yes:
            typer.confirm("Nothing brings these leads back. Forget them?", abort=True, err=True)
        ordered = 0
        while count := api.post("audit", "/api/retention/apply")["ordered"]:
            ordered += count
            say(f"{ordered} leads are ordered to be forgotten")
            time.sleep(LOOK_SECONDS)
        _drop_caches(api.stack.data)
    out.print(f"{ordered} leads are forgotten; signalbox erasures list tells of each")


def _show(found: dict[str, Any]) -> None:
    group = found["group"]
    table = PlainTable("what", "how many", "ids")
    names = {
        "leads": group["lead_ids"], "submissions": group["submission_ids"],
        "records": [f"{one['type']}:{one['id']}" for one in group["records"]],
    }  # fmt: skip
    for what, ids in names.items():
        table.add_row(what, str(len(ids)), ", ".join(ids[:4]) + (" ..." if len(ids) > 4 else ""))
    table.add_row("changes in the log", f"{found['changes']:,}", "")
    err.print(table)
    if group["shared"]:
        err.print(
            f"[yellow]{len(group['shared'])} leads of others came in the same submissions:[/] they stay, with all their values; "
            "the raw bytes that they came in go with this person's"
        )


def _destroyed(api: Api, erasure_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        held: dict[str, Any] | None = api.find("audit", f"/api/erasures/{erasure_id}")
        if held is not None and held["destroyed_at"]:
            return held
        if time.monotonic() > deadline:
            raise CliError(
                f"the keys of erasure {erasure_id} are not destroyed after {WAIT_SECONDS:.0f} s", "audit",
                "it goes on by itself: look at `./signalbox erasures show` and at the log of audit",
            )  # fmt: skip
        time.sleep(LOOK_SECONDS)


async def _forgotten(stack: Running, erasure_id: str) -> list[str]:
    """The services that have forgotten, once all have; what they removed is vacuumed out of the tables' pages."""
    offset, deadline = None, time.monotonic() + WAIT_SECONDS
    while offset is None:
        async for record in read_topics(stack.kafka, [SUBJECT_ERASED.name]):
            if decode(SUBJECT_ERASED, record.value, record.headers).erasure_id == erasure_id:
                offset = record.offset
                break
        if offset is None and time.monotonic() > deadline:
            raise CliError(
                "the erasure was ordered and is not told to the services", SUBJECT_ERASED.name, "is Kafka up?"
            )
    connection = await asyncpg.connect(stack.database_url)
    try:
        schemas = [row["nspname"] for row in await connection.fetch(CHECKPOINTS)]
        left = schemas
        while left := [one for one in left if not await _is_past(connection, one, offset)]:
            if time.monotonic() > deadline:
                raise CliError(
                    f"{', '.join(left)} did not forget yet", "the service's log", "it does so when it runs: start it"
                )
            say(f"waiting for {', '.join(left)}")
            await asyncio.sleep(LOOK_SECONDS)
        for table in await connection.fetch(TABLES, schemas):
            await connection.execute(f"vacuum {table['name']}")
    finally:
        await connection.close()
    return schemas


async def _is_past(connection: asyncpg.Connection, schema: str, offset: int) -> bool:
    held = await connection.fetchval(
        f'select next_offset from "{schema}".checkpoint where stage = $1',  # noqa: S608 - a schema's name
        f"{schema}.erasures",
    )
    return held is None or held > offset


def _drop_caches(data: Path) -> None:
    """What `whatif` keeps of the topics to read them faster; the next run reads them again."""
    shutil.rmtree(data / CACHE_FOLDER, ignore_errors=True)
