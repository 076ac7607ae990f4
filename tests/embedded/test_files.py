import stat
from pathlib import Path

import pytest

from embedded.credentials import credentials_of
from embedded.errors import StackError
from embedded.files import DataFolder, last_lines, rotate, write_atomically


def test_what_is_written_is_for_its_owner_only_and_leaves_no_scratch(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "one")
    write_atomically(tmp_path / "a", "two")
    assert (tmp_path / "a").read_text() == "two"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_log_past_its_limit_starts_anew_for_the_writer_that_has_it_open(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"0123456789")
        rotate(log, limit_bytes=10)
        assert log.read_bytes() == b"0123456789"
        writer.write(b"!")
        rotate(log, limit_bytes=10)
        writer.write(b"new")
    assert log.read_bytes() == b"new"
    assert (tmp_path / "x.log.1").read_bytes() == b"0123456789!"


def test_the_end_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert last_lines(log) == ""
    log.write_text("".join(f"{n}\n" for n in range(10_000)))
    assert last_lines(log, 2) == "9998\n9999"


def test_secrets_are_made_once(tmp_path: Path) -> None:
    made = credentials_of(DataFolder(tmp_path))
    assert credentials_of(DataFolder(tmp_path)) == made
    assert len(bytes.fromhex(made.tenant_secret)) == 32
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_lost_secrets_are_not_replaced_beside_data_that_needs_them(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    with pytest.raises(StackError, match=r"secrets\.json is gone"):
        credentials_of(DataFolder(tmp_path))
