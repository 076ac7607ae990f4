"""What a drill returns: passed or not, with the figures that say why."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """A drill's result. `problems` empty means passed."""

    name: str
    seed: int
    figures: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not self.problems

    def require(self, holds: bool, otherwise: str) -> None:
        """Note a problem unless the claim holds."""
        if not holds:
            self.problems.append(otherwise)
