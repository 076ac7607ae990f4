"""Run fetch: `python -m services.fetch`."""

from libs.runtime.service import run
from services.fetch.service import build

if __name__ == "__main__":
    run("fetch", build)
