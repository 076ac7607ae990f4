"""Run the router: `python -m services.router`."""

from libs.runtime.service import run
from services.router.service import build

if __name__ == "__main__":
    run("router", build)
