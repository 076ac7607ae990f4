import signal
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.files import DataFolder
from embedded.processes import ProcessSpec, end, living_pid, spawn, started_at
from tests.embedded.waiting import until

STUBBORN = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True); "
    "time.sleep(99)"
)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.make()
    return folder


def python(code: str, name: str = "p", stop_seconds: float = 5.0) -> ProcessSpec:
    return ProcessSpec(name, [sys.executable, "-c", code], "/", stop_seconds=stop_seconds)


def test_a_child_is_recorded_and_ended_with_its_signal(folder: DataFolder) -> None:
    spec = python("import time; time.sleep(99)")
    child = spawn(spec, folder)
    assert living_pid(folder.pid_file("p")) == child.pid
    end([spec], folder)
    assert child.wait() == -signal.SIGTERM
    assert not folder.pid_file("p").exists()


def test_one_that_does_not_listen_is_killed_with_its_children(folder: DataFolder) -> None:
    grandchild = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).wait()"
    spec = python(f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{grandchild}", stop_seconds=0.2)
    child = spawn(spec, folder)
    until(lambda: folder.log("p").read_text().endswith("\n"))
    end([spec], folder)
    assert child.wait() == -signal.SIGKILL
    grandchild_pid = int(folder.log("p").read_text())
    until(lambda: started_at(grandchild_pid) is None)


def test_a_later_process_with_the_same_pid_is_left_alone(folder: DataFolder) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"]) as other:
        folder.pid_file("p").write_text(f"{other.pid} {started_at(other.pid)}0\n")
        assert living_pid(folder.pid_file("p")) is None
        end([python("")], folder)
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("content", ["", "12", "nonsense\n"])
def test_a_broken_pid_file_is_no_process(folder: DataFolder, content: str) -> None:
    folder.pid_file("p").write_text(content)
    assert living_pid(folder.pid_file("p")) is None


def test_a_zombie_does_not_live(folder: DataFolder) -> None:
    child = spawn(python("pass"), folder)
    until(lambda: living_pid(folder.pid_file("p")) is None)
    assert child.wait() == 0


def test_lower_ranks_end_first(folder: DataFolder, tmp_path: Path) -> None:
    telling = "import signal, sys, time\ndef stop(*_):\n    print('{0}', flush=True); sys.exit()\n"
    waiting = "signal.signal(signal.SIGTERM, stop); print('up', flush=True); time.sleep(99)"
    names = ["broker", "database", "service"]
    specs = [
        ProcessSpec(name, [sys.executable, "-c", telling.format(name) + waiting], str(tmp_path), rank=2 - rank)
        for rank, name in enumerate(names)
    ]
    children = [spawn(spec, folder) for spec in specs]
    until(lambda: all("up" in folder.log(name).read_text() for name in names))
    order: list[str] = []

    def watch() -> None:
        order.extend(n for n in names if n in folder.log(n).read_text() and n not in order)
        until(lambda: True)

    end(specs, folder, watch)
    watch()
    assert [child.wait() for child in children] == [0, 0, 0]
    assert order == ["service", "database", "broker"]
