"""Run classify: `python -m services.classify`."""

from libs.runtime.service import run
from services.classify.service import build

if __name__ == "__main__":
    run("classify", build)
