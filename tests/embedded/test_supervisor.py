"""The supervisor with services of its own and no infrastructure."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.errors import StackError
from embedded.files import DataFolder
from embedded.processes import living_pid
from embedded.stack import ROOT, ServiceSpec, Stack, down, up
from embedded.status import ProcessStatus, status
from embedded.supervisor import FIRST_PAUSE_SECONDS, HEALTHY_SECONDS, LONGEST_PAUSE_SECONDS, NAME, Child
from tests.embedded.waiting import until

NOTHING: frozenset[str] = frozenset()
WEB = ServiceSpec(
    "web",
    [sys.executable, "-m", "http.server", "{WEB_PORT}", "--bind", "127.0.0.1"],
    ports={"WEB_PORT": 0},
    ready_url="http://127.0.0.1:{WEB_PORT}/",
)
SLEEPER = ServiceSpec("sleeper", [sys.executable, "-c", "import time; time.sleep(99)"])


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    down(tmp_path / "data")


def start(data: Path, *services: ServiceSpec) -> Stack:
    return up(data, services=services, kinds=NOTHING)


def process(data: Path, name: str) -> ProcessStatus:
    return next(process for process in status(data).processes if process.name == name)


def pid_of(data: Path, name: str) -> int:
    pid = living_pid(DataFolder(data).pid_file(name))
    assert pid is not None
    return pid


def test_a_killed_service_comes_back_and_is_counted(data: Path) -> None:
    start(data, WEB)
    first = pid_of(data, "web")
    os.kill(first, signal.SIGKILL)
    until(lambda: process(data, "web").state == "running" and process(data, "web").pid != first)
    until(lambda: process(data, "web").restarts == 1)
    assert process(data, "web").rss_bytes > 0


def test_a_second_up_changes_nothing_and_says_so(data: Path) -> None:
    said: list[str] = []
    first = start(data, WEB)
    pid = pid_of(data, "web")
    second = up(data, services=[WEB], kinds=NOTHING, on_progress=said.append)
    assert (first.already_up, second.already_up, said) == (False, True, ["already up"])
    assert (second.ports, pid_of(data, "web")) == (first.ports, pid)


def test_an_up_with_other_services_changes_only_those(data: Path) -> None:
    start(data, WEB, SLEEPER)
    web, supervisor = pid_of(data, "web"), pid_of(data, NAME)
    start(data, WEB)
    assert [process.name for process in status(data).processes] == ["web"]
    until(lambda: living_pid(DataFolder(data).pid_file("sleeper")) is None)
    assert (pid_of(data, "web"), pid_of(data, NAME)) == (web, supervisor)


def test_what_a_killed_supervisor_left_is_ended_by_the_next_down(data: Path) -> None:
    start(data, WEB, SLEEPER)
    left = [pid_of(data, "web"), pid_of(data, "sleeper")]
    os.kill(pid_of(data, NAME), signal.SIGKILL)
    until(lambda: not status(data).supervised)
    assert [process.state for process in status(data).processes] == ["running", "running"]
    said: list[str] = []
    assert down(data, said.append)
    assert said == ["ending what a crash left: sleeper, web"]
    assert all(
        not Path(f"/proc/{pid}").exists() or living_pid(DataFolder(data).pid_file("web")) is None for pid in left
    )
    assert not down(data)


def test_what_a_killed_supervisor_left_is_replaced_by_the_next_up(data: Path) -> None:
    start(data, SLEEPER)
    left = pid_of(data, "sleeper")
    os.kill(pid_of(data, NAME), signal.SIGKILL)
    until(lambda: not status(data).supervised)
    assert not start(data, SLEEPER).already_up
    assert pid_of(data, "sleeper") != left
    assert status(data).all_running


def test_a_service_that_never_comes_up_is_an_error_with_its_log_and_leaves_nothing(data: Path) -> None:
    broken = ServiceSpec(
        "broken", [sys.executable, "-c", "raise SystemExit('no such setting')"], ready_url="http://[::1]:1/"
    )
    with pytest.raises(StackError, match=r"broken does not come up(.|\n)*no such setting"):
        start(data, SLEEPER, broken)
    assert status(data).processes == []
    assert living_pid(DataFolder(data).pid_file("sleeper")) is None


def test_services_get_addresses_secrets_and_every_port(data: Path) -> None:
    telling = ServiceSpec(
        "telling",
        [
            sys.executable,
            "-c",
            "import os, time; print(sorted(os.environ.items()), '{WEB_PORT}', flush=True); time.sleep(99)",
        ],
        env={"ASK": "http://127.0.0.1:{WEB_PORT}"},
    )
    stack = start(data, WEB, telling)
    log = DataFolder(data).log("telling")
    until(lambda: log.exists() and bool(log.read_text()))
    port = stack.ports["WEB_PORT"]
    for fact in [stack.credentials.tenant_secret, stack.credentials.api_token, f"('ASK', 'http://127.0.0.1:{port}')"]:
        assert fact in log.read_text()
    assert f"('WEB_PORT', '{port}')" in log.read_text()


def test_a_stack_tied_to_a_process_ends_with_it(data: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from embedded.stack import ServiceSpec, up\n"
        "sleeper = ServiceSpec('sleeper', [sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        f"up(Path({str(data)!r}), services=[sleeper], kinds=frozenset(), tied=True); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -signal.SIGKILL
    until(lambda: not status(data).supervised and living_pid(DataFolder(data).pid_file("sleeper")) is None)


def test_pauses_double_up_to_a_limit_and_begin_anew_after_a_healthy_life() -> None:
    child, pauses = Child(spec=None), []  # type: ignore[arg-type]
    for _ in range(8):
        child.ended(now=0.0, code=1)
        pauses.append(child.due)
    assert pauses[:3] == [FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    child.ended(now=HEALTHY_SECONDS, code=1)
    assert child.due == HEALTHY_SECONDS + FIRST_PAUSE_SECONDS
    assert child.restarts == 9
