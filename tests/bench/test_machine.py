"""CPU time of a tree of processes, against what the system itself says of them."""

import os
import subprocess
import sys

from bench.machine import Watch, busy_seconds, machine, tree_seconds

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


def test_a_trees_time_holds_its_ended_children() -> None:
    before, busy = tree_seconds([os.getpid()]), busy_seconds()
    watch = Watch([os.getpid()])
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert tree_seconds([os.getpid()]) - before >= 0.25
    assert busy_seconds() - busy >= 0.25
    assert 0 <= watch.foreign_cores() <= machine().cores


def test_what_is_gone_has_used_nothing() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert tree_seconds([ended.pid]) == 0


def test_the_machine_says_what_it_is() -> None:
    seen = machine()
    assert seen.cores == os.cpu_count()
    assert seen.cpu
    assert {"aiokafka", "pydantic"} <= seen.packages.keys()
