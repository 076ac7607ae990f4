"""Run notify: `python -m services.notify`."""

from libs.runtime.service import run
from services.notify.service import build

if __name__ == "__main__":
    run("notify", build)
