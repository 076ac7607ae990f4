"""`demo`: everything up, some hundred generated leads posted over HTTP, what became of them, and a person's acts on them."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.rule import Rule

from cli.client import Api, running
from cli.console import out
from cli.demo.generator import MINIMUM, Plan, plan
from cli.demo.memory import Memory
from cli.demo.policy import MODE, in_limited_auto
from cli.demo.posting import Answer, Sender
from cli.demo.story import Story
from cli.demo.watch import kill, process_of, restarts_of, wait_until_quiet
from cli.errors import CliError
from cli.lag import wait_until_read
from cli.ready.into_force import into_force
from cli.ready.rollback_test import test_rollback
from cli.settings import CliSettings
from cli.sources import secrets_of
from cli.stack import bring_up
from cli.up import addresses_table, policy_files
from embedded import stack
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime import clock
from services.audit.domain.ledger import Ledger

READERS = ("dedupe", "enrich", "router")
"""Services that follow the CRM's records."""


def demo(
    seed: Annotated[int, typer.Option("--seed", help="What is generated follows from it; any works.")] = 7,
    leads: Annotated[int, typer.Option("--leads", min=MINIMUM, help="How many posts.")] = MINIMUM,
    separate: Annotated[bool, typer.Option("--separate", help="Each stage of the line as its own process.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    kill_stage: Annotated[str, typer.Option("--kill", metavar="STAGE", help="SIGKILL this stage in the middle.")] = "",
    data: Annotated[Path | None, typer.Option("--data", help="A data folder of its own; it is emptied first.")] = None,
) -> None:
    """Show the whole line at work on generated leads; exit 0 only if the ledger balances and the audit log verifies."""
    folder = data or CliSettings().data / "demo"
    run = Demo(folder.absolute(), plan(seed, leads, clock.now()), separate, keep, kill_stage)
    if not run.run():
        raise typer.Exit(1)


@dataclass
class Demo:
    """One run."""

    data: Path
    plan: Plan
    separate: bool
    keep: bool
    kill_stage: str
    files: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> bool:
        """All of it; whether the books are right at the end."""
        _empty(self.data)
        self.files = in_limited_auto(policy_files(CliSettings().policy))
        begun = time.monotonic()
        try:
            with Memory(self.data) as memory:
                with self._timed("up"):
                    self._up()
                with Api.of(self.data, actor="demo") as api:
                    right = self._play(api)
            self._times(memory, time.monotonic() - begun)
            return right
        finally:
            if self.keep:
                out.print(addresses_table(self.data))
            else:
                stack.down(self.data)

    def _up(self) -> None:
        out.print(Rule(f"Signalbox demo, seed {self.plan.seed}", align="left"))
        out.print(
            f"Launch mode [bold]{MODE}[/], once suppression and rollback are live: what the policy allows then happens by "
            "itself. (A fresh install only suggests.)"
        )
        bring_up(
            self.data,
            self.files,
            author="demo",
            reason=f"the demo runs in {MODE}",
            separate=self.separate,
            tied=not self.keep,
            short_lived=not self.keep,
            on_progress=lambda line: out.print(f"  {line}", style="dim"),
        )

    def _play(self, api: Api) -> bool:
        story = Story(api, self.plan, self.files)
        with self._timed("crm"):
            story.seed_crm()
            asyncio.run(wait_until_read(api.stack.kafka, READERS, RECORD_CHANGED.name, 30.0))
        with self._timed("ready"):
            test_rollback(api)
            into_force(self.data, self.files, "demo", f"suppression and rollback are live: {MODE}")
            out.print(f"A rollback was tested, the suppression list is live: the policy is in force in {MODE} mode.")
        answers = self._post(api)
        with self._timed("acts"):
            story.tell(answers, *wait_until_quiet(api.stack.kafka, lambda _ledger: None))
            story.act()
        with self._timed("proof"):
            return story.prove()

    def _post(self, api: Api) -> list[Answer]:
        """Post everything, and wait until the line is quiet."""
        sources = {source["name"]: source["adapter"] for source in api.get("intake", "/api/sources")}
        sender = Sender(api.stack.url("intake"), secrets_of(self.data), sources)
        victim = process_of(self.data, self.kill_stage) if self.kill_stage else ""
        with _progress() as bars:
            posted = bars.add_task("posted", total=len(self.plan.posts))
            settled = bars.add_task("settled", total=None)
            done: list[Answer] = []

            def on_answer(answer: Answer) -> None:
                done.append(answer)
                bars.update(posted, completed=len(done))
                if victim and len(done) == len(self.plan.posts) // 2:
                    bars.console.print(f"  SIGKILL to {victim} (pid {kill(self.data, victim)})", style="bold red")

            with self._timed("posts"):
                answers = asyncio.run(sender.all(self.plan, on_answer))
            with self._timed("line"):
                wait_until_quiet(running(self.data).kafka, lambda ledger: _show(bars, settled, ledger))
        if victim:
            out.print(f"  {victim} was started again {restarts_of(self.data, victim)} time(s) by the supervisor")
        return answers

    def _times(self, memory: Memory, total: float) -> None:
        words = {
            "up": "everything up", "crm": "CRM filled", "ready": "made ready", "posts": "posts answered",
            "line": "line quiet after", "acts": "a person's acts", "proof": "ledger and audit log proven",
        }  # fmt: skip
        told = ", ".join(f"{words[name]} {seconds:.1f} s" for name, seconds in self.seconds.items())
        out.print(f"Times: {told}; {total:.1f} s in all. Peak memory of the stack: {memory.peak_bytes / 1e9:.2f} GB.")

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - begun


def _show(bars: Progress, task: TaskID, ledger: Ledger) -> None:
    settled = ledger.items - ledger.waiting - ledger.in_flight
    bars.update(task, completed=settled, total=ledger.items)


def _progress() -> Progress:
    return Progress(
        TextColumn("  {task.description:8}"),
        BarColumn(bar_width=44),
        MofNCompleteColumn(),
        console=out,
        transient=False,
    )


def _empty(data: Path) -> None:
    """End what an earlier demo left, and remove its data. Raises CliError for a folder that is no data folder."""
    if not data.exists():
        return
    if any(data.iterdir()) and not (data / "run").is_dir():
        raise CliError("the folder is not a demo's", str(data), "name an empty or a new folder with --data")
    stack.down(data)
    shutil.rmtree(data)
