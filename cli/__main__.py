"""The command line, wired: one line a command."""

import logging
import sys

import typer
from aiokafka.errors import KafkaError

from cli import audit, autonomy, companies, crm, dead_letters, enrich, leads, match, raw, rollback, setup, triage
from cli.bench import bench
from cli.classify.command import app as classify_app
from cli.console import err
from cli.demo.command import demo
from cli.down import down
from cli.drill import drill
from cli.errors import CliError
from cli.lead import lead
from cli.lead_import.command import import_
from cli.ledger import ledger
from cli.links import link, unlink
from cli.logs import logs
from cli.policy.command import app as policy_app
from cli.prepare import prepare
from cli.ready.command import ready
from cli.record import record
from cli.redrive import redrive
from cli.route.command import app as route_app
from cli.run import run
from cli.score.command import app as score_app
from cli.send import send
from cli.status import status
from cli.test import test
from cli.timeline import timeline
from cli.topics import topics
from cli.up import up
from cli.why import why
from embedded.errors import StackError
from libs.policy.problems import PolicyError

app = typer.Typer(
    help="Signalbox: a control-first lead pipeline on Apache Kafka.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    add_completion=False,
)
for command in (
    demo,
    up,
    down,
    status,
    logs,
    send,
    lead,
    why,
    record,
    link,
    unlink,
    timeline,
    ledger,
    topics,
    redrive,
    run,
    prepare,
    ready,
    drill,
    test,
    bench,
):
    app.command()(command)
app.command("import")(import_)
app.add_typer(triage.app, name="triage")
app.add_typer(leads.app, name="leads")
app.add_typer(policy_app, name="policy")
app.add_typer(route_app, name="route")
app.add_typer(autonomy.app, name="autonomy")
app.add_typer(setup.app, name="sources")
app.add_typer(raw.app, name="raw")
app.add_typer(match.app, name="match")
app.add_typer(enrich.app, name="enrich")
app.add_typer(classify_app, name="classify")
app.add_typer(score_app, name="score")
app.add_typer(audit.app, name="audit")
app.add_typer(rollback.app, name="rollback")
app.add_typer(crm.app, name="crm")
app.add_typer(companies.app, name="companies")
app.add_typer(dead_letters.app, name="dead-letters")


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
