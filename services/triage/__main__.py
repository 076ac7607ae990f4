"""Run triage: `python -m services.triage`."""

from libs.runtime.service import run
from services.triage.service import build

if __name__ == "__main__":
    run("triage", build)
