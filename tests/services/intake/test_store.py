"""The spool: what was confirmed comes back whole and in order, whatever happened to the file; the log in front of it."""

import asyncio
import errno
import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.contracts.codec import Encoded
from libs.contracts.lead import Position
from libs.policy.load import load_policy, read_files
from libs.runtime.errors import Retryable
from services.intake.domain.frames import framed, payloads_in
from services.intake.domain.spooling import SpoolBrokenError, SpoolFullError
from services.intake.store import LastPolicy, Spool, SubmissionLog, own_folder
from tests.paths import ROOT

KEY = b"k" * 32
PAYLOADS = st.lists(st.binary(max_size=60) | st.just(framed(b"inside", KEY)) | st.just(b"SBXF"), max_size=8)


def record(number: int, size: int = 10) -> Encoded:
    body = Random(number).randbytes(size)  # what can't be compressed: the spool keeps records packed
    return Encoded("submission.received.v1", f"k{number}".encode(), body, (("h", str(number).encode()),))


@given(payloads=PAYLOADS, cut=st.integers(0, 200))
def test_a_torn_tail_costs_only_what_it_tore(payloads: list[bytes], cut: int) -> None:
    frames = [framed(payload, KEY) for payload in payloads]
    data = b"".join(frames)
    kept = data[: max(0, len(data) - cut)]
    ends = [sum(map(len, frames[: count + 1])) for count in range(len(frames))]
    whole = [payload for payload, end in zip(payloads, ends, strict=True) if end <= len(kept)]
    found, skipped = payloads_in(kept, KEY)
    tail = len(kept) - max([end for end in ends if end <= len(kept)], default=0)
    assert found[: len(whole)] == whole
    assert set(found[len(whole) :]) <= {b"inside"}  # a frame of our own making inside a torn one is still ours
    assert skipped <= tail


@given(
    payloads=PAYLOADS, flips=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(1, 255)), min_size=1, max_size=3)
)
def test_flipped_bytes_yield_no_garbage_and_spare_the_rest(payloads: list[bytes], flips: list[tuple[int, int]]) -> None:
    frames = [framed(payload, KEY) for payload in payloads]
    data = bytearray(b"".join(frames))
    hit = set()
    for place, mask in flips:
        if data:
            data[place % len(data)] ^= mask
            hit.add(place % len(data))
    found, _ = payloads_in(bytes(data), KEY)
    start, spared = 0, []
    for payload, frame in zip(payloads, frames, strict=True):
        if not any(start <= place < start + len(frame) for place in hit):
            spared.append(payload)
        start += len(frame)
    assert set(found) <= {*payloads, b"inside"}
    assert set(spared) <= set(found)


@given(st.binary(max_size=300))
def test_a_strangers_frame_is_not_taken(payload: bytes) -> None:
    assert payloads_in(framed(payload, b"another key"), KEY) == ([], len(framed(payload, b"another key")))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=12))
async def test_confirmed_records_come_back_after_a_restart_in_order(tmp_path: Path, sizes: list[int]) -> None:
    folder = tmp_path / f"{len(sizes)}-{sum(sizes)}-{sizes[0]}"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    first = Spool(folder, 1 << 20, KEY)
    await asyncio.gather(*(first.append(record(number, size)) for number, size in enumerate(sizes)))
    second = Spool(folder, 1 << 20, KEY)
    await second.append(record(99))
    assert second.bytes == sum(path.stat().st_size for path in second.segments())
    back = [held for segment in second.segments() for held in second.records_of(segment)[0]]
    assert back == [*(record(number, size) for number, size in enumerate(sizes)), record(99)]


async def test_full_is_said_and_room_comes_back(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 300, KEY)
    await spool.append(record(1))
    with pytest.raises(SpoolFullError):
        await spool.append(record(2, 400))
    await spool.close_segment()
    for segment in spool.segments():
        spool.remove(segment, 0)
    await spool.append(record(3))
    assert spool.bytes > 0


async def test_a_damaged_segment_is_drained_and_kept_aside(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1 << 20, KEY)
    await spool.append(record(1))
    await spool.append(record(2))
    (segment,) = spool.segments()
    segment.write_bytes(segment.read_bytes()[:-3])
    broker = Broker()
    assert await SubmissionLog(broker, spool, 1.0, lambda: 0.0).drain()
    assert broker.held == [record(1)]
    assert os.listdir(tmp_path) == [segment.with_suffix(".damaged").name]


async def test_a_failed_fsync_ends_all_acknowledging(tmp_path: Path) -> None:
    answers = [0, errno.EIO, 0]

    def sync(file: int) -> None:
        os.fsync(file)
        if number := answers.pop(0):
            raise OSError(number, "input/output error")

    spool = Spool(tmp_path, 1 << 20, KEY, sync=sync)
    await spool.append(record(1))
    with pytest.raises(SpoolBrokenError):
        await spool.append(record(2))
    with pytest.raises(SpoolBrokenError):
        await spool.append(record(3))
    with pytest.raises(SpoolBrokenError):
        await SubmissionLog(Broker(), spool, 1.0, lambda: 0.0).drain()


async def test_a_full_disk_is_no_crash_and_leaves_no_half_record(tmp_path: Path) -> None:
    room = [1_000]

    def write(file: int, data: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "no space left on device")
        written = os.write(file, data[: room[0]])
        room[0] -= written
        return written

    spool = Spool(tmp_path, 1 << 20, KEY, write=write)
    await spool.append(record(1))
    with pytest.raises(SpoolFullError):
        await spool.append(record(2, 1_000))
    room[0] = 1_000
    await spool.append(record(3))
    (segment,) = spool.segments()
    assert spool.records_of(segment) == ([record(1), record(3)], 0)
    assert spool.bytes == segment.stat().st_size


def test_two_processes_never_share_a_folder(tmp_path: Path) -> None:
    first, first_lock = own_folder(tmp_path)
    second, second_lock = own_folder(tmp_path)
    os.close(first_lock)
    third, third_lock = own_folder(tmp_path)
    assert first != second
    assert third == first
    os.close(second_lock)
    os.close(third_lock)


class Broker:
    """A broker that can be away; it holds what it was sent."""

    def __init__(self) -> None:
        self.held: list[Encoded] = []
        self.away = False
        self.asked = 0

    async def send_and_wait(self, encoded: Encoded, timeout_seconds: float = 5.0) -> Position:
        self.asked += 1
        if self.away:
            raise Retryable("away")
        self.held.append(encoded)
        return Position(topic=encoded.topic, partition=0, offset=len(self.held) - 1)


async def test_the_log_spools_while_the_broker_is_away_and_drains_in_order(tmp_path: Path) -> None:
    now = [100.0]
    broker, spool = Broker(), Spool(tmp_path, 1 << 20, KEY)
    log = SubmissionLog(broker, spool, 1.0, lambda: now[0])
    assert await log.write(record(0)) is not None
    broker.away = True
    assert [await log.write(record(number)) for number in (1, 2, 3)] == [None, None, None]
    assert broker.asked == 2  # only the first of the three had to find out
    assert log.is_away
    assert not await log.drain()
    broker.away = False
    now[0] += 10
    assert await log.drain()
    assert not log.is_away
    assert broker.held == [record(number) for number in range(4)]
    assert await log.write(record(4)) is not None
    assert spool.segments() == []


async def test_during_an_outage_only_one_record_a_try_reaches_the_client(tmp_path: Path) -> None:
    broker, spool = Broker(), Spool(tmp_path, 1 << 20, KEY)
    log = SubmissionLog(broker, spool, 1.0, lambda: 1.0)
    broker.away = True
    for number in range(30):
        assert await log.write(record(number)) is None
    for _ in range(5):
        assert not await log.drain()
    assert broker.asked == 1 + 5


def test_the_last_policy_survives_a_restart_and_a_torn_file_is_none(tmp_path: Path) -> None:
    policy = load_policy(read_files(ROOT / "policy"))
    path = tmp_path / "policy.json"
    LastPolicy(path).write(policy)
    assert LastPolicy(path).read() == policy
    path.write_bytes(path.read_bytes()[:-20])
    assert LastPolicy(path).read() is None
    LastPolicy(path).write(policy)
    assert LastPolicy(path).read() == policy
