"""What a command says when it can't do what was asked: what happened, where, and what to do about it."""

from typing import Any


class CliError(Exception):
    """A command failed in a way that the person at the keyboard can act on."""

    def __init__(self, what: str, where: str, do: str) -> None:
        self.what, self.where, self.do = what, where, do
        super().__init__(f"{what}\n  where: {where}\n  do:    {do}")


class Refused(CliError):
    """A service refused what was asked; `body` is its answer, for a command that can say more about it."""

    def __init__(self, what: str, where: str, do: str, body: dict[str, Any]) -> None:
        super().__init__(what, where, do)
        self.body = body


def not_running(data: object) -> CliError:
    """Nothing answers because no stack runs in that data folder."""
    return CliError(
        "no Signalbox runs here", f"data folder {data}", "start it with `./signalbox up`, or name another --data"
    )
