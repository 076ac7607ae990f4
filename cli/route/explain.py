"""`route explain`: why a lead went where it is, from the topics alone, so that it can be asked when the database is gone too."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from cli.client import running
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.route.story import Told, lines_of, told_of, waiting_lines
from cli.score.history import on_kafka
from libs.contracts.lead import PoolTurn, Route

_MATCHED = {True: Text("holds", style="green"), False: Text("no"), None: Text("not known", style="yellow")}


def explain(
    wanted: Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id, or the submission's.")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Explain a lead's route: suppression, every rule that was asked with the values that decided, whose turn it was and
    why not the others', offers, clocks, and people's decisions."""
    kafka = running(data).kafka
    told = on_kafka(kafka, told_of(kafka, wanted))
    if not told.routed and not told.asked:
        do = "check the id; if it is right, the lead may be on its way: look at `signalbox lead`"
        raise CliError(f"no route of {wanted} is known", "lead.routed.v1", do)
    if as_json:
        print_json(as_data(told))
        return
    for line in lines_of(told) if told.routed else waiting_lines(told.asked):
        out.print(line, markup=False)
    for table in tables_of(told):
        out.print(table)


def tables_of(told: Told) -> Iterator[PlainTable]:
    """The rules that were asked for the newest route, and whose turn it was."""
    for event in told.routed[-1:]:
        yield rules_table(event.route)
        if event.route.turn is not None:
            yield turn_table(event.route.turn, told)


def rules_table(route: Route) -> PlainTable:
    """Every rule that was asked, in order, with the values that decided."""
    table = PlainTable(title="rules asked, in order", title_justify="left")
    for name in ("rule", "", "with what"):
        table.add_column(name)
    for tried in route.tried:
        table.add_row(tried.rule, _MATCHED[tried.matched], Text(tried.reason))
    return table


def turn_table(turn: PoolTurn, told: Told) -> PlainTable:
    """Who stood in line in the pool, who got it, and why not the others."""
    table = PlainTable(title=f"the turn in the pool {turn.pool}", title_justify="left")
    for name in ("member", "weight", ""):
        table.add_column(name)
    for one in turn.members:
        why = Text("got it", style="green") if one.member == turn.picked else Text(one.why_not or "was not due yet")
        table.add_row(told.name_of(one.member), str(one.weight), why)
    return table


def as_data(told: Told) -> dict[str, object]:
    """The same as JSON."""
    return {
        "routes": [{"version": one.lead.version, "route": one.route.model_dump(mode="json")} for one in told.routed],
        "clocks": [one.model_dump(mode="json") for one in told.clocks],
        "asked": [one.model_dump(mode="json", exclude={"lead"}) for one in told.asked],
        "feedback": [one.model_dump(mode="json") for one in told.feedback],
        "decisions": [
            {"by": one.actor.id, "answers": [answer.model_dump(mode="json") for answer in one.answers]}
            for one in told.decided
        ],
        "names": told.names,
        "policy": told.policy.model_dump(mode="json", exclude={"files"}) if told.policy else None,
    }
