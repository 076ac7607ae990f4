"""Liveness and readiness, from what the loops report."""

from dataclasses import dataclass, field

from libs.runtime import clock

STALE_SECONDS = 120.0
"""A loop that has not been heard of for so long is stuck. Idle ones report every second; one batch may gather for a minute."""


@dataclass
class Health:
    """What a service knows of its own state. `ready` once everything it needs has answered."""

    ready: bool = False
    policy: str = ""
    """Hash of the newest policy that was taken in."""
    _beats: dict[str, float] = field(default_factory=dict)
    _troubles: dict[str, str] = field(default_factory=dict)
    _warnings: dict[str, str] = field(default_factory=dict)

    def beat(self, name: str) -> None:
        """The loop of that name is alive."""
        self._beats[name] = clock.monotonic()

    def trouble(self, name: str, message: str, *, beats: bool = True) -> None:
        """The loop waits for the world: not ready, but alive. `beats` False: one round of it may take any time."""
        self._troubles[name] = message
        if beats:
            self.beat(name)

    def fine(self, name: str) -> None:
        """The loop goes on."""
        self._troubles.pop(name, None)
        self.beat(name)

    def gone(self, name: str) -> None:
        """The loop ended in good order."""
        self._beats.pop(name, None)
        self._troubles.pop(name, None)

    def warn(self, name: str, message: str) -> None:
        """Something that a person has to mend, and that keeps the service from nothing else."""
        self._warnings[name] = message

    def mended(self, name: str) -> None:
        """What was warned of is over."""
        self._warnings.pop(name, None)

    def warnings(self) -> dict[str, str]:
        """What a person has to mend, by name."""
        return dict(self._warnings)

    def problems(self) -> dict[str, str]:
        """What keeps the service from being ready, by loop."""
        return dict(self._troubles)

    def stuck(self) -> list[str]:
        """Loops that have not been heard of for 120 s."""
        now = clock.monotonic()
        return [name for name, beat in self._beats.items() if now - beat > STALE_SECONDS]
