"""Waiting for another process in a test."""

import threading
import time
from collections.abc import Callable


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Return as soon as `holds`; fail the test when it still doesn't after `seconds`."""
    deadline, never = time.monotonic() + seconds, threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        never.wait(0.03)
