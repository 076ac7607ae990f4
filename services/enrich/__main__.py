"""Run enrich: `python -m services.enrich`."""

from libs.runtime.service import run
from services.enrich.service import build

if __name__ == "__main__":
    run("enrich", build)
