"""Ports for the processes of one stack."""

import errno
import random
import socket
from collections.abc import Iterator, Sequence

from embedded.errors import StackError

# Below the ranges from which Linux (32768) and macOS (49152) take the local ports of outgoing connections:
# a port chosen here can't be taken by a client before its server binds it.
FREE_RANGE = range(20000, 32000)


def is_free(port: int) -> bool:
    """True if a server could bind `port` on the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def ports_for(names: Sequence[str], base: int | None = None, taken: frozenset[int] = frozenset()) -> dict[str, int]:
    """A free port for each name: consecutive from `base`, or anywhere in `FREE_RANGE` without it.

    Raises StackError that names the port and its use when one from `base` on is in use, or when none is free.
    """
    if base is not None:
        return dict(zip(names, _consecutive(names, base), strict=True))
    free = _free_ports(taken)
    return {name: next(free) for name in names}


def _consecutive(names: Sequence[str], base: int) -> Iterator[int]:
    for port, name in enumerate(names, start=base):
        if port > 65535:
            raise StackError(f"port base {base} is too high for {len(names)} ports")
        if not is_free(port):
            raise StackError(f"port {port}, wanted for {name}, is in use: choose another --port-base")
        yield port


def _free_ports(taken: frozenset[int]) -> Iterator[int]:
    for port in random.SystemRandom().sample(FREE_RANGE, len(FREE_RANGE)):
        if port not in taken and is_free(port):
            yield port
    raise StackError(f"no free port from {FREE_RANGE.start} to {FREE_RANGE.stop - 1}")
