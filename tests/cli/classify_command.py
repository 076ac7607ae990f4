"""`signalbox classify` as a test asks it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from typer.testing import CliRunner, Result

from cli.classify.command import app
from cli.errors import CliError
from embedded.files import DataFolder
from embedded.plan import Addresses, Plan, write_plan
from embedded.processes import ProcessSpec, record_line
from libs.contracts.lead import Claim, Classification, ShadowOpinion
from tests.services.classify.makers import MODEL
from tests.services.triage.test_api import TOKEN

SHIPPED = MODEL.version


def ran(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def output(*arguments: object) -> str:
    done = ran(*arguments)
    assert done.exit_code == 0, done.exception
    return done.stdout


def refusal(*arguments: object) -> CliError:
    error = ran(*arguments).exception
    assert isinstance(error, CliError), error
    return error


def answer(flags: Sequence[str] = (), shadow: ShadowOpinion | None = None, **labels: str) -> Classification:
    return Classification(
        claims={name: Claim(label=label, confidence=0.9) for name, label in labels.items()},
        flags={name: Claim(label=name, confidence=0.9) for name in flags},
        should_route_to_sales=not flags,
        confidence=0.9,
        reason="r",
        model_version=SHIPPED,
        input_hash="i",
        shadow=shadow,
    )


def stack_in(data: Path, kafka: str, **ports: int) -> None:
    """What a running stack leaves in its data folder; this process stands for its supervisor."""
    folder = DataFolder(data)
    folder.make()
    write_plan(folder, Plan(Addresses(kafka, "-"), ports, [ProcessSpec("triage", [], ".")]))
    folder.pid_file("supervisor").write_bytes(record_line(os.getpid()))
    (data / "secrets.json").write_text(json.dumps({"api_token": TOKEN}))
