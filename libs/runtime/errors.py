"""The three ways to fail.

StageError
├── Rejected    never again: a dead letter with a reason code
└── Retryable   the world is not ready: back off in place, keep the order
anything else   a bug or an unknown outcome: commit nothing and exit; an exception inside pure `decide` is a dead
                letter too, with the reason `defect`, and a limit on those stops the service
"""

from libs.contracts.reasons import RejectionReason


class StageError(Exception):
    """Base of what a stage may raise on purpose."""


class Rejected(StageError):
    """This input can never be decided. The message goes into the dead letter: no personal data in it."""

    def __init__(self, reason: RejectionReason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class Retryable(StageError):
    """The broker, the database or a whole provider is down; the same input will be tried again.

    `after_seconds`: when, as far as the world said so (Retry-After) or only a person can mend it; None: soon.
    """

    def __init__(self, message: str = "", *, after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.after_seconds = after_seconds
