"""Ending the process at once: an unknown outcome is never repaired in place, the supervisor starts it anew."""

import logging
import os
from typing import NoReturn

log = logging.getLogger(__name__)

UNKNOWN_OUTCOME = 70
"""Exit code (EX_SOFTWARE) of a process that could not tell whether something was committed."""


def exit_now(reason: str) -> NoReturn:
    """End without running anything more: no producer may flush, no transaction may be closed by this process."""
    log.critical("exit: %s", reason)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(UNKNOWN_OUTCOME)
