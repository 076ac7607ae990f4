"""The guard lets a process reach the broker and the database, and nothing else, by whatever way it tries."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.paths import ROOT

WAYS = {
    "a socket": "socket.create_connection(('127.0.0.1', other), 1)",
    "a socket that does not raise": "socket.socket().connect_ex(('127.0.0.1', other))",
    "another address of this machine": "socket.create_connection(('127.0.0.2', allowed), 1)",
    "asyncio": "asyncio.run(asyncio.open_connection('127.0.0.1', other))",
    "httpx": "httpx.get(f'http://127.0.0.1:{other}/', trust_env=False)",
    "urllib": "urllib.request.urlopen(f'http://127.0.0.1:{other}/')",
    "a name": "socket.getaddrinfo('example.com', 443)",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', other))",
    "a Unix socket": "socket.socket(socket.AF_UNIX).connect('/tmp/none')",
    "another program": "subprocess.run(['true'])",
    "a shell": "os.system('true')",
}
SCRIPT = """
import asyncio, os, socket, subprocess, sys, urllib.request
import httpx
from libs.runtime.rebuild.egress import EgressError, Guard
allowed, other = int(sys.argv[1]), int(sys.argv[2])
guard = Guard([("127.0.0.1", allowed)])
guard.install()
socket.create_connection(("127.0.0.1", allowed), 1).close()
asyncio.run(asyncio.open_connection("127.0.0.1", allowed))
assert guard.blocked == []
try:
    WAY
except Exception as error:
    found = error
    while found is not None and not isinstance(found, EgressError):
        found = found.__cause__ or found.__context__
    assert found is not None, repr(error)
else:
    sys.exit("it went through")
assert len(guard.blocked) >= 1
"""


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Two listeners: the one that is allowed, and another."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        yield one.getsockname()[1], other.getsockname()[1]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_nothing_else_is_reached(way: str, ports: tuple[int, int]) -> None:
    script = SCRIPT.replace("WAY", way)
    ran = subprocess.run([sys.executable, "-c", script, *map(str, ports)], cwd=ROOT, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
