"""Run intake: `python -m services.intake`."""

from libs.runtime.service import run
from services.intake.service import build

if __name__ == "__main__":
    run("intake", build)
