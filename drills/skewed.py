"""Runs a module by a clock that is wrong: `python -m drills.skewed SECONDS STEP_FILE MODULE`.

The clock is ahead by so many seconds, which may be negative, and goes back by an hour once the file is there.
"""

import runpy
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from libs.runtime import clock

STEP = timedelta(hours=1)


def skewed(now: Callable[[], datetime], ahead: timedelta, step: Path) -> Callable[[], datetime]:
    """A clock that is wrong by so much, and by an hour more as soon as `step` is there."""
    return lambda: now() + ahead - (STEP if step.exists() else timedelta())


if __name__ == "__main__":
    seconds, step_file, module = sys.argv[1:4]
    wrong = skewed(clock.now, timedelta(seconds=float(seconds)), Path(step_file))
    vars(clock)["now"] = wrong
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
