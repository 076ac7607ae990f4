"""`redrive`: map a kept submission again, after its mapping was mended; same ids, same clock."""

import asyncio
from typing import Annotated

import typer

from cli.client import Api
from cli.console import out
from cli.errors import CliError
from cli.options import Actor, Data
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.broker import read_topics


def redrive(
    submission_id: Annotated[str, typer.Argument(help="The submission's id, as its receipt or triage item says.")],
    data: Data,
    actor: Actor = "cli",
) -> None:
    """Map a submission again from its kept bytes, by the newest policy."""
    with Api.of(data, actor) as api:
        place = asyncio.run(place_of(api.stack.kafka, submission_id))
        body = {"partition": place.partition, "offset": place.offset}
        told = api.post("intake", f"/api/submissions/{submission_id}/redrive", body)
    out.print(f"mapped again; its lead is {told['lead_id']}")


async def place_of(kafka: str, submission_id: str) -> Position:
    """Where the submission's newest bytes stand. Raises CliError when there is none of that id."""
    found = None
    async for record in read_topics(kafka, [SUBMISSION_RECEIVED.name]):
        if record.key is not None and record.key.decode("utf-8", "replace") == submission_id:
            found = Position(topic=record.topic, partition=record.partition, offset=record.offset)
    if found is None:
        raise CliError(
            f"there is no submission {submission_id}", SUBMISSION_RECEIVED.name, "take the id from its receipt"
        )
    return found
