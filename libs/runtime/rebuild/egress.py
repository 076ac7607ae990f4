"""Keeps a process from calling out: a connection to anything but the broker and the database raises, and is counted.

It hangs on the interpreter's own audit events, so nobody's library goes around it, and it can't be taken off again: a guard is
for a process that does one thing and ends.
"""

import socket
import sys
from collections.abc import Iterable
from typing import Any

_STARTS = frozenset(("os.exec", "os.posix_spawn", "os.system", "os.startfile", "subprocess.Popen", "pty.spawn"))
"""What would run a program that nobody guards."""


class EgressError(PermissionError):
    """Something tried to call out. The message names where, never what."""


class Guard:
    """The guard of this process. `blocked` are the calls that were refused, in words."""

    def __init__(self, allowed: Iterable[tuple[str, int]]) -> None:
        self._hosts: set[str] = set()
        self._places: set[tuple[str, int]] = set()
        self.blocked: list[str] = []
        for host, port in allowed:
            self._hosts.add(host)
            for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                self._places.add((str(place[0]), int(place[1])))
        self._hosts |= {host for host, _ in self._places}

    def install(self) -> None:
        """From now on, until the process ends."""
        sys.addaudithook(self._seen)

    def _seen(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._to(event, arguments[1])
        elif event == "socket.getaddrinfo" or event in ("socket.gethostbyname", "socket.gethostbyaddr"):
            self._name(arguments[0])
        elif event in _STARTS:
            self._refuse(f"{event} {arguments[0]!r}")

    def _to(self, event: str, place: Any) -> None:
        if place is None and event == "socket.sendmsg":
            return  # on a connection that was let through
        if isinstance(place, tuple) and (str(place[0]), place[1]) in self._places:
            return
        self._refuse(f"{event} {place[:2] if isinstance(place, tuple) else place!r}")

    def _name(self, host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in self._hosts and name not in (None, ""):
            self._refuse(f"looking up {name!r}")

    def _refuse(self, what: str) -> None:
        self.blocked.append(what)
        raise EgressError(f"{what}: calls out are blocked while state is rebuilt")
