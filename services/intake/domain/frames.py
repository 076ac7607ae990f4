"""Frames of the spool: each payload with its length and a keyed check, so that a torn or altered one is never taken for whole.

The check is keyed since a payload holds a stranger's bytes: after damage the reader looks for the next frame, and must
not find one that somebody wrote inside a body.
"""

import hmac
import struct
from hashlib import blake2b

MAGIC = b"SBXF"
CHECK_BYTES = 16
_HEAD = struct.Struct(f">4sI{CHECK_BYTES}s")
HEAD_BYTES = _HEAD.size
MAX_PAYLOAD = 4 * 1024 * 1024


def framed(payload: bytes, key: bytes) -> bytes:
    """The payload as one frame."""
    return _HEAD.pack(MAGIC, len(payload), _check(payload, key)) + payload


def payloads_in(data: bytes, key: bytes) -> tuple[list[bytes], int]:
    """Every whole payload in order, and how many bytes belong to none."""
    found: list[bytes] = []
    at = skipped = 0
    while at < len(data):
        payload = _payload_at(data, at, key)
        if payload is not None:
            found.append(payload)
            at += HEAD_BYTES + len(payload)
            continue
        following = data.find(MAGIC, at + 1)
        following = len(data) if following < 0 else following
        skipped += following - at
        at = following
    return found, skipped


def _payload_at(data: bytes, at: int, key: bytes) -> bytes | None:
    if at + HEAD_BYTES > len(data):
        return None
    magic, length, check = _HEAD.unpack_from(data, at)
    start = at + HEAD_BYTES
    if magic != MAGIC or length > MAX_PAYLOAD or start + length > len(data):
        return None
    payload = data[start : start + length]
    return payload if hmac.compare_digest(check, _check(payload, key)) else None


def _check(payload: bytes, key: bytes) -> bytes:
    return blake2b(payload, key=key[:64], digest_size=CHECK_BYTES, person=b"signalbox spool").digest()
