"""Run insights: `python -m services.insights`."""

from libs.runtime.service import run
from services.insights.service import build

if __name__ == "__main__":
    run("insights", build)
