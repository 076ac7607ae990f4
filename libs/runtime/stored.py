"""Outcomes as bytes: length-prefixed records, so that a stored outcome is sent again exactly as it was."""

import struct
from collections.abc import Sequence

from libs.contracts.codec import Encoded

_LENGTH = struct.Struct(">I")


def pack(records: Sequence[Encoded]) -> bytes:
    """The records as one byte string."""
    parts: list[bytes] = [_LENGTH.pack(len(records))]
    for record in records:
        _add(parts, record.topic.encode())
        _add(parts, record.key)
        _add(parts, record.value)
        parts.append(_LENGTH.pack(len(record.headers)))
        for name, value in record.headers:
            _add(parts, name.encode())
            _add(parts, value)
    return b"".join(parts)


def unpack(packed: bytes) -> tuple[Encoded, ...]:
    """The records that `pack` was given. Raises ValueError when the bytes are not a whole pack."""
    reader = _Reader(packed)
    records = tuple(
        Encoded(
            topic=reader.text(),
            key=reader.piece(),
            value=reader.piece(),
            headers=tuple((reader.text(), reader.piece()) for _ in range(reader.number())),
        )
        for _ in range(reader.number())
    )
    if reader.at != len(packed):
        raise ValueError("a stored outcome has bytes left over")
    return records


def _add(parts: list[bytes], piece: bytes) -> None:
    parts.append(_LENGTH.pack(len(piece)))
    parts.append(piece)


class _Reader:
    def __init__(self, packed: bytes) -> None:
        self.packed = packed
        self.at = 0

    def number(self) -> int:
        if self.at + 4 > len(self.packed):
            raise ValueError("a stored outcome is cut short")
        (value,) = _LENGTH.unpack_from(self.packed, self.at)
        self.at += 4
        return int(value)

    def piece(self) -> bytes:
        length = self.number()
        if self.at + length > len(self.packed):
            raise ValueError("a stored outcome is cut short")
        piece = self.packed[self.at : self.at + length]
        self.at += length
        return piece

    def text(self) -> str:
        return self.piece().decode()
