"""Run audit: `python -m services.audit`."""

from libs.runtime.service import run
from services.audit.service import build

if __name__ == "__main__":
    run("audit", build)
