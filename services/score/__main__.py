"""Run score: `python -m services.score`."""

from libs.runtime.service import run
from services.score.service import build

if __name__ == "__main__":
    run("score", build)
