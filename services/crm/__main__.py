"""Run crm: `python -m services.crm`."""

from libs.runtime.service import run
from services.crm.service import build

if __name__ == "__main__":
    run("crm", build)
