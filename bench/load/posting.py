"""Runs the load generator beside the measuring process."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load.files import write_requests

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Posted:
    """What the generator saw; times in milliseconds, `due` on the machine's monotonic clock."""

    answered: int
    per_second: float
    p50_ms: float
    p99_ms: float
    generator_cores: float
    statuses: dict[str, int]
    late: int
    due: list[float]


async def post(
    requests: Sequence[bytes], folder: Path, port: int, *, connections: int = 64, seconds: float, rate: float = 0.0
) -> Posted:
    """Post for so long, closed loop or at `rate` a second. Raises RuntimeError when the generator failed."""
    path = folder / "requests.bin"
    await asyncio.to_thread(write_requests, path, requests)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load.generator", str(path), str(port), str(connections), str(seconds), str(rate),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, complaint = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load generator failed: {complaint.decode()[-500:]}")
    held: dict[str, Any] = json.loads(told)
    return Posted(**held)
