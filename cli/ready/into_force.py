"""A policy comes into force: after the check that a looser launch mode needs, and once every process decides by it."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from cli.client import Api
from cli.errors import CliError
from cli.publish import publish
from embedded.status import status
from libs.policy.load import load_policy

PATIENCE_SECONDS = 30.0


def into_force(data: Path, files: Mapping[str, str], author: str, reason: str) -> bool:
    """Publish the files with the mode that they name; False when they are in force already. Raises CliError while a mode
    past *suggested* is not ready for."""
    from cli.ready.command import refuse_unready  # noqa: PLC0415 - its reading of topics needs `cli.up`, which needs this

    policy = load_policy(files)
    with Api.of(data, author) as api:
        refuse_unready(api, policy)
        new = asyncio.run(publish(api.stack.kafka, files, author, reason))
    wait_until_decided_by(data, policy.hash)
    return new


def wait_until_decided_by(data: Path, policy_hash: str) -> None:
    """Return once every process of an embedded stack has taken the policy in. Raises CliError past the timeout."""
    ports = {one.name: one.port for one in status(data).processes if one.port and one.name not in ("kafka", "postgres")}
    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(timeout=2.0, trust_env=False) as client:
        while late := [name for name, port in ports.items() if _policy_at(client, port) != policy_hash]:
            if time.monotonic() > deadline:
                what = f"{', '.join(late)} did not take the policy in within {PATIENCE_SECONDS:.0f} s"
                raise CliError(
                    what, f"policy {policy_hash[:12]}", "look at `./signalbox status` and `./signalbox logs`"
                )
            time.sleep(0.05)


def _policy_at(client: httpx.Client, port: int) -> str:
    try:
        return str(client.get(f"http://127.0.0.1:{port}/health/ready").json().get("policy", ""))
    except (httpx.HTTPError, ValueError):
        return ""
