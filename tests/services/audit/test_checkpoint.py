"""Signed lines: nothing can be altered, taken out, put in or signed by somebody else without being found."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.audit.domain.chain import GENESIS, Head
from services.audit.domain.checkpoint import (
    Book,
    checkpoint_line,
    handover_line,
    key_id,
    line_hash,
    public_keys,
    read_book,
)
from services.audit.store.checkpoints import FILE, Keys, Place, PlaceError, book_of, signed_in
from tests.services.audit.made import T0, at

KEY, OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def head(number: int) -> Head:
    return Head(number % 2, number + 1, bytes([number]) * 32, number * 3)


def lines_of(count: int, key: Ed25519PrivateKey = KEY) -> list[bytes]:
    lines: list[bytes] = []
    for number in range(count):
        before = line_hash(lines[-1]) if lines else GENESIS
        lines.append(checkpoint_line(head(number), at(number), before, key))
    return lines


def book(lines: Sequence[bytes], *keys: Ed25519PrivateKey) -> Book:
    return read_book([("c", lines)], [one.public_key() for one in keys or (KEY,)])


def test_what_was_signed_is_read_back() -> None:
    found = book(lines_of(6))
    assert (found.problems, found.torn, found.lines) == ([], 0, 6)
    assert [(one.head, one.at) for one in found.checkpoints] == [(head(number), at(number)) for number in range(6)]
    assert [one.head.seq for one in found.of_chain(1)] == [2, 4, 6]
    newest = found.newest_before(0, at(3))
    assert newest is not None
    assert newest.head == head(2)
    assert found.newest_before(0, T0 - timedelta(days=1)) is None


def test_every_altered_line_is_found() -> None:
    """Any byte of any line: the line does not count, and the file has a problem."""
    lines, chance = lines_of(5), Random(4)
    for _ in range(400):
        number = chance.randrange(4)  # of the last line see below
        line = bytearray(lines[number])
        place = chance.randrange(len(line))
        line[place] ^= 1 << chance.randrange(8)
        found = book([*lines[:number], bytes(line), *lines[number + 1 :]])
        assert found.problems, bytes(line)
        assert head(number) not in [one.head for one in found.checkpoints]


@pytest.mark.parametrize("number", range(4))
def test_a_line_taken_out_put_in_or_moved_is_found(number: int) -> None:
    lines = lines_of(5)
    assert book([*lines[:number], *lines[number + 1 :]]).problems[0].line == number + 1
    assert book([*lines[: number + 1], *lines[number:]]).problems[0].line == number + 2
    swapped = [*lines]
    swapped[number], swapped[number + 1] = swapped[number + 1], swapped[number]
    assert book(swapped).problems[0].line == number + 1


def test_another_key_is_none_of_ours() -> None:
    found = book(lines_of(3, OTHER))
    assert (len(found.checkpoints), len(found.problems)) == (0, 3)
    assert key_id(OTHER.public_key()) in found.problems[0].detail


def test_a_key_hands_over_and_signs_no_more() -> None:
    lines = lines_of(2)
    lines.append(handover_line(OTHER.public_key(), at(2), line_hash(lines[-1]), KEY))
    lines.append(checkpoint_line(head(3), at(3), line_hash(lines[-1]), OTHER))
    assert [one.head for one in book(lines).checkpoints] == [head(0), head(1), head(3)]
    assert not book(lines).problems
    assert not book(lines, KEY, OTHER).problems
    lines.append(checkpoint_line(head(4), at(4), line_hash(lines[-1]), KEY))
    assert [problem.line for problem in book(lines, KEY).problems] == [5]
    forged = [*lines_of(2), handover_line(OTHER.public_key(), at(2), line_hash(lines[1]), OTHER)]
    assert [problem.line for problem in book(forged).problems] == [3]


def test_a_line_that_a_crash_cut_short_is_none() -> None:
    lines = lines_of(4)
    half = lines[2][: len(lines[2]) // 2]
    torn = book([*lines[:2], half, checkpoint_line(head(3), at(3), line_hash(lines[1]), KEY)])
    assert (torn.problems, torn.torn, len(torn.checkpoints)) == ([], 1, 3)
    assert (book([*lines, half]).problems, book([*lines, half]).torn) == ([], 1)
    hidden = book([*lines[:2], half, lines[3]])  # what was cut is what the next line follows: somebody else did it
    assert [problem.line for problem in hidden.problems] == [4]


@pytest.mark.parametrize("text", [b"{}", b"[]", b"null", b"\xff", b"", b"[" * 100_000, b'{"prev":1}'])
def test_no_line_stops_the_reader(text: bytes) -> None:
    assert book([text, *lines_of(2)]).problems == []
    assert len(book([text, *lines_of(2)]).checkpoints) == 2


def place(folder: Path) -> Place:
    made = Place(folder / "far", Keys(folder / "near" / "audit-key.pem"))
    made.ready()
    return made


def test_a_place_makes_its_key_once_and_appends(tmp_path: Path) -> None:
    first = place(tmp_path)
    keys = Keys(tmp_path / "near" / "audit-key.pem")
    assert keys.private.stat().st_mode & 0o777 == 0o600
    assert first.append([head(0), head(1)], at(0)) == 2
    assert first.append([head(0), head(1)], at(1)) == 0, "what is signed is not signed again"
    second = place(tmp_path)
    assert second.newest() == {0: head(0), 1: head(1)}
    assert second.append([head(2)], at(2)) == 1
    assert first.newest() == {0: head(2), 1: head(1)}, "what another process appended is taken in"
    assert first.append([head(4)], at(3)) == 1
    found = book_of(tmp_path / "far", keys.trusted())
    assert (found.problems, [one.head.seq for one in found.checkpoints]) == ([], [1, 2, 3, 5])


def test_a_key_is_rotated_while_the_service_runs(tmp_path: Path) -> None:
    running, keys = place(tmp_path), Keys(tmp_path / "near" / "audit-key.pem")
    running.append([head(0)], at(0))
    root = keys.trusted()
    Place(tmp_path / "far", keys).rotate(at(1))
    running.append([head(1)], at(2))
    assert running.problems == []
    found = book_of(tmp_path / "far", root)
    assert (found.problems, len(found.checkpoints)) == ([], 2), "the first key vouches for the second"
    assert len(keys.trusted()) == 2
    Place(tmp_path / "far", keys).rotate(at(3), is_lost=True)
    running.append([head(3)], at(4))
    assert len(book_of(tmp_path / "far", root).problems) == 1, "nobody vouched for the third"
    assert book_of(tmp_path / "far", keys.trusted()).problems == []


def test_a_torn_tail_is_written_past(tmp_path: Path) -> None:
    place(tmp_path).append([head(0)], at(0))
    file = tmp_path / "far" / FILE
    with file.open("ab") as handle:
        handle.write(b'{"at":"2026')
    place(tmp_path).append([head(2)], at(1))
    found = book_of(tmp_path / "far", Keys(tmp_path / "near" / "audit-key.pem").trusted())
    assert (found.problems, found.torn, len(found.checkpoints)) == ([], 1, 2)


def test_a_place_that_can_not_be_used_is_refused_by_name(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(PlaceError, match="can't be written to"):
        Place(blocked / "below", Keys(tmp_path / "key.pem")).ready()
    used = place(tmp_path)
    used.append([head(0)], at(0))
    key = tmp_path / "near" / "audit-key.pem"
    key.chmod(0o644)
    with pytest.raises(PlaceError, match="open to others"):
        used.append([head(1)], at(1))
    key.unlink()
    with pytest.raises(PlaceError, match="put it back"):
        place(tmp_path)
    with pytest.raises(PlaceError, match="can't be read"):
        used.append([head(1)], at(1))
    os_file = tmp_path / "far" / FILE
    os_file.write_bytes(b"")
    with pytest.raises(PlaceError, match="lost its end"):
        used.newest()


def test_what_can_not_be_read_is_a_problem_and_no_silence(tmp_path: Path) -> None:
    assert signed_in(tmp_path, tmp_path / "missing.pub").problems
    place(tmp_path)
    assert signed_in(tmp_path / "nowhere", tmp_path / "near" / "audit-key.pub").problems
    assert not signed_in(tmp_path / "far", tmp_path / "near" / "audit-key.pub").problems


def test_only_our_kind_of_key_is_taken() -> None:
    pem = b"".join(
        one.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) for one in (KEY, OTHER)
    )
    assert [key_id(one) for one in public_keys(pem)] == [key_id(KEY.public_key()), key_id(OTHER.public_key())]
    with pytest.raises(ValueError, match="Ed25519"):
        public_keys(b"nothing")
