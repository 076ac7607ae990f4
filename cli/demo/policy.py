"""The demo's policy: the one in the folder, in the mode `limited_auto`, and later with a mended mapping."""

import re
from collections.abc import Mapping

from cli.errors import CliError

MODE = "limited_auto"


def in_limited_auto(files: Mapping[str, str]) -> dict[str, str]:
    """The files with the launch mode set to `limited_auto`."""
    return _replaced(files, "launch.yaml", r"(?m)^mode: \w+", f"mode: {MODE}")


def with_mapping(files: Mapping[str, str], source: str, field: str, name: str) -> dict[str, str]:
    """The files with one more mapping: the source's `name` is the lead's `field`."""
    return _replaced(files, "sources.yaml", rf"(?m)^(  {source}: \{{.*)\}}\s*$", rf"\1, mapping: {{{field}: {name}}}}}")


def _replaced(files: Mapping[str, str], file: str, pattern: str, by: str) -> dict[str, str]:
    text, number = re.subn(pattern, by, files.get(file, ""), count=1)
    if number != 1:
        raise CliError(
            "the demo can't adapt the policy", file, "run the demo with the policy that Signalbox comes with"
        )
    return {**files, file: text}
