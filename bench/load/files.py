"""Prepared requests as a file for the load generator: each with its length before it."""

import struct
from collections.abc import Iterable
from pathlib import Path

_LENGTH = struct.Struct(">I")


def write_requests(path: Path, requests: Iterable[bytes]) -> None:
    """Write the requests in order."""
    path.write_bytes(b"".join(_LENGTH.pack(len(one)) + one for one in requests))


def read_requests(path: Path) -> list[bytes]:
    """The requests in order. Raises ValueError when the file is cut short."""
    held, at, found = path.read_bytes(), 0, []
    while at < len(held):
        if at + _LENGTH.size > len(held):
            raise ValueError(f"{path} is cut short")
        (length,) = _LENGTH.unpack_from(held, at)
        at += _LENGTH.size + length
        if at > len(held):
            raise ValueError(f"{path} is cut short")
        found.append(held[at - length : at])
    return found
