"""How much memory the stack takes at its peak, looked at every second from a thread."""

import threading
from pathlib import Path

from embedded.status import status

LOOK_SECONDS = 1.0


class Memory:
    """Looks at the stack's memory until stopped; use as a context."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak_bytes = 0
        """The largest sum over all processes, memory that several share counted once."""

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            seen = status(self._data)
            self.peak_bytes = max(self.peak_bytes, sum(process.rss_bytes for process in seen.processes))
            if self._stop.wait(LOOK_SECONDS):
                return
