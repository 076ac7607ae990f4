"""Run dedupe: `python -m services.dedupe`."""

from libs.runtime.service import run
from services.dedupe.service import build

if __name__ == "__main__":
    run("dedupe", build)
