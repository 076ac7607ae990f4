"""The command line, wired: one line a command. Each is imported when it is asked for: a rep who takes a lead does not wait
for what trains models."""

import importlib
import logging
import sys
from functools import cache
from typing import Any

import typer
from aiokafka.errors import KafkaError
from typer.core import TyperGroup

from cli.console import err
from cli.errors import CliError
from embedded.errors import StackError
from libs.policy.problems import PolicyError

COMMANDS = {
    "demo": "cli.demo.command:demo",
    "up": "cli.up:up",
    "down": "cli.down:down",
    "status": "cli.status:status",
    "logs": "cli.logs:logs",
    "send": "cli.send:send",
    "lead": "cli.lead:lead",
    "note": "cli.drafts:note",
    "draft": "cli.drafts:app",
    "why": "cli.why:why",
    "record": "cli.record:record",
    "link": "cli.links:link",
    "unlink": "cli.links:unlink",
    "timeline": "cli.timeline:timeline",
    "ledger": "cli.ledger:ledger",
    "rebuild": "cli.rebuild:rebuild",
    "state-hash": "cli.rebuild:state_hash",
    "topics": "cli.topics:topics",
    "redrive": "cli.redrive:redrive",
    "run": "cli.run:run",
    "prepare": "cli.prepare:prepare",
    "ready": "cli.ready.command:ready",
    "drill": "cli.drill:drill",
    "test": "cli.test:test",
    "bench": "cli.bench:bench",
    "import": "cli.lead_import.command:import_",
    "triage": "cli.triage:app",
    "leads": "cli.leads:app",
    "notices": "cli.notices:app",
    "policy": "cli.policy.command:app",
    "route": "cli.route.command:app",
    "autonomy": "cli.autonomy:app",
    "pool": "cli.pool.command:app",
    "suppress": "cli.suppress:app",
    "calendar": "cli.days:app",
    "insights": "cli.insights:app",
    "whatif": "cli.whatif.command:app",
    "sources": "cli.setup:app",
    "raw": "cli.raw:app",
    "match": "cli.match:app",
    "enrich": "cli.enrich:app",
    "classify": "cli.classify.command:app",
    "score": "cli.score.command:app",
    "audit": "cli.audit:app",
    "access": "cli.access:app",
    "subject": "cli.erase:subject_app",
    "erase": "cli.erase:erase",
    "erasures": "cli.erase:erasures_app",
    "retention": "cli.erase:retention_app",
    "keys": "cli.keys:keys_app",
    "rollback": "cli.rollback.command:app",
    "crm": "cli.crm:app",
    "companies": "cli.companies:app",
    "dead-letters": "cli.dead_letters:app",
}
"""By its name: the module, and there a function or a group of commands."""


class OnDemand(TyperGroup):
    """The commands of the table, in its order."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        names: dict[str, Any] = dict.fromkeys(COMMANDS)
        self.commands = names  # their names are what a mistyped one is compared with

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as Typer calls it
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as Typer calls it
        """The command of a name; None when there is none."""
        return command_of(cmd_name) if cmd_name in COMMANDS else None


@cache
def command_of(name: str) -> Any:
    """A command of the table, imported now."""
    module, _, attribute = COMMANDS[name].partition(":")
    held = getattr(importlib.import_module(module), attribute)
    if not isinstance(held, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(held)
        return typer.main.get_command(alone)
    group = typer.main.get_group(held)
    group.name = name
    return group


app = typer.Typer(cls=OnDemand, no_args_is_help=True, pretty_exceptions_show_locals=False, add_completion=False)


@app.callback()
def signalbox() -> None:
    """Signalbox: a control-first lead pipeline on Apache Kafka."""


def main() -> None:
    """Run a command; what a person can act on is said in a few lines and ends with exit code 1."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what matters of it is raised, and said by the command
    try:
        app(prog_name="signalbox")
    except (CliError, StackError, PolicyError, KafkaError) as error:
        err.print(f"[bold red]signalbox:[/] {escaped(str(error))}")
        sys.exit(1)


def escaped(text: str) -> str:
    """The text, with brackets that Rich would read as markup taken literally."""
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()
