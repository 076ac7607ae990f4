"""`dead-letters list|redrive`: what was given up and why, and sending it to its topic again after the cause was mended."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from cli.client import running
from cli.console import ID_WIDTH, PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.ledger import kafka_away
from cli.options import AsJson, Data
from libs.contracts.codec import UnreadableError, decode, header
from libs.contracts.events import DeadLetter
from libs.contracts.topics import BY_NAME, DEAD_LETTERS
from libs.runtime.broker import Producer, read_topics
from libs.runtime.deadletter import original_of
from libs.runtime.record import Record

app = typer.Typer(help="Dead letters: list, redrive.", no_args_is_help=True)


@dataclass(frozen=True)
class Letter:
    """A dead letter with its record."""

    record: Record
    event: DeadLetter

    @property
    def letter_id(self) -> str:
        """Its id: what `redrive` takes."""
        return header(self.record.headers, "ce_id")


@app.command(name="list")
def list_letters(data: Data, as_json: AsJson = False) -> None:
    """List all dead letters with reason, place and what was said."""
    letters = _read(running(data).kafka)
    if as_json:
        print_json([{**one.event.model_dump(mode="json"), "event_id": one.letter_id} for one in letters])
        return
    table = PlainTable(title=f"{len(letters)} dead letters", title_justify="left")
    table.add_column("id", no_wrap=True, min_width=ID_WIDTH)
    for name in ("stage", "reason", "message", "from", "lead", "at"):
        table.add_column(name)
    for letter in letters:
        event, place = letter.event, letter.event.position
        table.add_row(
            letter.letter_id, event.stage, event.reason_code, shown(event.message),
            f"{place.topic}[{place.partition}]@{place.offset}", event.lead_id or "–", f"{event.first_failed_at:%m-%d %H:%M:%S}",
        )  # fmt: skip
    out.print(table)


@app.command()
def redrive(
    data: Data,
    letter_id: Annotated[str, typer.Argument(help="The dead letter's id; none with --all.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Send originals to their topics again, byte for byte; a lead that got through meanwhile is recognised."""
    kafka = running(data).kafka
    letters = [letter for letter in _read(kafka) if everything or letter.letter_id == letter_id]
    if not letters:
        raise CliError(
            f"there is no dead letter {letter_id!r}", "dead-letters redrive", "take an id from `dead-letters list`"
        )
    asyncio.run(_send_again(kafka, letters))
    out.print(f"{len(letters)} sent to their topics again")


def reasons_of(kafka: str) -> list[str]:
    """The reason code of every dead letter."""
    return [letter.event.reason_code for letter in _read(kafka)]


def _read(kafka: str) -> list[Letter]:
    async def read() -> list[Letter]:
        found = []
        async for record in read_topics(kafka, [topic.name for topic in DEAD_LETTERS.values()]):
            try:
                event = decode(BY_NAME[record.topic], record.value, record.headers)
            except UnreadableError:
                continue
            assert isinstance(event, DeadLetter)
            found.append(Letter(record, event))
        return found

    try:
        return asyncio.run(read())
    except KafkaError as error:
        raise kafka_away(kafka, error) from None


async def _send_again(kafka: str, letters: list[Letter]) -> None:
    producer = Producer(kafka)
    await producer.start()
    try:
        for letter in letters:
            await producer.send_and_wait(original_of(letter.record, letter.event))
    finally:
        await producer.stop()
