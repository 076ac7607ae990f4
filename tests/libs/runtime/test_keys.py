"""Keys of subjects on a real database: who reads what, what an erasure leaves, and what is told when keys are away."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import SEALED, ErasedError, UnreadableError
from libs.runtime.errors import Retryable
from libs.runtime.keyring import KeyPool, destroy_keys, keys_of, rewrap, wrapped_by
from libs.runtime.keys import FRESH_SECONDS, MOST_HELD, Held, NoKeys, SubjectCipher, SubjectKeys
from libs.runtime.master_key import MasterKey, master_key
from libs.runtime.settings import RuntimeSettings

MASTER = "ab" * 32


class Clock:
    """A clock that stands until it is moved."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
async def pool(settings: RuntimeSettings) -> AsyncIterator[KeyPool]:
    made = KeyPool(settings)
    yield made
    await made.close()


def keys(pool: KeyPool, clock: Clock | None = None, master: str = MASTER) -> SubjectKeys:
    """A process's keys of its own."""
    return SubjectKeys(pool.get, MasterKey.of(master), clock or Clock())


async def test_what_one_process_encrypts_another_reads(pool: KeyPool) -> None:
    written = (await keys(pool).writing(["a", "b"])).encrypt("a", "event-1", b"Alex")
    assert written.startswith(SEALED)
    assert b"Alex" not in written
    cipher = await keys(pool).reading(["a"])
    assert cipher.decrypt("a", "event-1", written) == b"Alex"
    with pytest.raises(UnreadableError, match="altered, or stands in another's place"):
        cipher.decrypt("a", "event-2", written)


async def test_processes_that_make_keys_at_once_read_each_others(pool: KeyPool) -> None:
    many = [keys(pool) for _ in range(8)]
    ciphers = await asyncio.gather(*(one.writing(["s"]) for one in many))
    written = [cipher.encrypt("s", "e", b"x") for cipher in ciphers]
    reader = await keys(pool).reading(["s"])
    assert {reader.decrypt("s", "e", one) for one in written} == {b"x"}


async def test_questions_of_one_moment_are_one_query(pool: KeyPool) -> None:
    mine, queries = keys(pool), []
    asked = mine._fetched

    async def counted(query: str, *arguments: object) -> object:
        queries.append(len(arguments[0]))  # type: ignore[arg-type]
        return await asked(query, *arguments)

    mine._fetched = counted  # type: ignore[assignment, method-assign]
    await asyncio.gather(*(mine.writing([f"s{number}"]) for number in range(100)))
    assert sum(queries) == 100
    assert len(queries) <= 3


async def test_an_erased_subject_is_read_by_nobody_and_nobody_else_is_touched(
    pool: KeyPool, settings: RuntimeSettings
) -> None:
    clock = Clock()
    mine = keys(pool, clock)
    cipher = await mine.writing(["gone", "kept"])
    gone, kept = cipher.encrypt("gone", "e", b"Alex"), cipher.encrypt("kept", "e", b"Bo")
    assert await destroy_keys(settings, ["gone"], "erasure-1") == 1
    assert await destroy_keys(settings, ["gone"], "erasure-1") == 0, "again with the same result"
    for reader in (keys(pool), mine):
        clock.at += FRESH_SECONDS + 1
        after = await reader.reading(["gone", "kept"])
        with pytest.raises(ErasedError):
            after.decrypt("gone", "e", gone)
        assert after.decrypt("kept", "e", kept) == b"Bo"


async def test_after_an_erasure_no_key_comes_back(pool: KeyPool, settings: RuntimeSettings) -> None:
    early = await keys(pool).writing(["gone"])
    await destroy_keys(settings, ["gone"], "erasure-1")
    late = (await keys(pool).writing(["gone"])).encrypt("gone", "e", b"late")
    assert b"late" not in late
    reader = await keys(pool).reading(["gone"])
    for written in (late, early.encrypt("gone", "e", b"in flight")):
        with pytest.raises(ErasedError):
            reader.decrypt("gone", "e", written)
    held = await (await pool.get()).fetchval("select count(*) from subject_key")
    assert held == 0


async def test_no_service_may_delete_a_key(pool: KeyPool) -> None:
    await keys(pool).writing(["a"])
    for statement in ("delete from subject_key", "update subject_key set wrapped = ''", "delete from erased"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await (await pool.get()).execute(statement)


async def test_a_key_that_is_lost_is_not_taken_for_an_erasure(pool: KeyPool, settings: RuntimeSettings) -> None:
    written = (await keys(pool).writing(["a"])).encrypt("a", "e", b"Alex")
    owner = await asyncpg.connect(settings.database_url)
    await owner.execute("delete from keys.subject_key")
    await owner.close()
    reader = await keys(pool).reading(["a"])
    with pytest.raises(Retryable, match="restore the schema `keys`"):
        reader.decrypt("a", "e", written)


async def test_a_master_key_is_rotated_by_putting_a_new_one_first(pool: KeyPool) -> None:
    written = (await keys(pool).writing(["a"])).encrypt("a", "e", b"Alex")
    both = await keys(pool, master=f"{'cd' * 32}\n{MASTER}").reading(["a"])
    assert both.decrypt("a", "e", written) == b"Alex"
    with pytest.raises(ValueError, match="is wrapped by master key"):
        await keys(pool, master="cd" * 32).reading(["a"])


async def test_keys_are_wrapped_anew_and_the_old_master_key_can_go(pool: KeyPool, settings: RuntimeSettings) -> None:
    written = (await keys(pool).writing(["a", "b"])).encrypt("a", "e", b"Alex")
    newer = f"{'cd' * 32}\n{MASTER}"
    with pytest.raises(ValueError, match="does not hold"):
        await rewrap(settings.model_copy(update={"master_key": f"key:{'cd' * 32}"}), lambda *_: None)
    rotated = settings.model_copy(update={"master_key": f"key:{newer.replace(chr(10), ',')}"})
    (held,) = await wrapped_by(rotated)
    assert (held.keys, held.held) == (2, True)
    told: list[tuple[int, int]] = []
    assert await rewrap(rotated, lambda done, total: told.append((done, total))) == 2
    assert told == [(2, 2)]
    (after,) = await wrapped_by(rotated)
    assert after.name != held.name
    alone = await keys(pool, master="cd" * 32).reading(["a", "b"])
    assert alone.decrypt("a", "e", written) == b"Alex"
    assert await rewrap(rotated, lambda *_: None) == 0
    with pytest.raises(ValueError, match="no master key"):
        await wrapped_by(settings.model_copy(update={"master_key": ""}))


async def test_keys_can_be_away(settings: RuntimeSettings) -> None:
    nowhere = settings.model_copy(
        update={"database_url": "postgresql://nobody@127.0.0.1:1/x", "master_key": f"key:{MASTER}"}
    )
    with pytest.raises(Retryable, match="is Postgres away"):
        await keys_of(nowhere).writing(["a"])


async def test_without_a_master_key_all_is_in_the_clear(settings: RuntimeSettings) -> None:
    mine = keys_of(settings)
    assert isinstance(mine, NoKeys)
    assert (await mine.writing(["a"])).encrypt("a", "e", b"Alex") == b"Alex"


def test_where_a_master_key_comes_from(tmp_path: object) -> None:
    assert master_key("") is None
    path = f"{tmp_path}/master"
    with open(path, "w") as file:
        file.write(f"{MASTER}\n")
    names = [
        held.keys[0][0] for told in (f"key:{MASTER}", f"file:{path}", f"exec:cat {path}") if (held := master_key(told))
    ]
    assert len(set(names)) == 1
    assert len(names) == 3
    for told, problem in (("key:xyz", "not hex"), ("key:abcd", "2 bytes and not 32"), ("file:/nowhere", "can't be read"),
                          ("exec:false", "ended with 1"), ("abc", "begins with")):  # fmt: skip
        with pytest.raises(ValueError, match=problem):
            master_key(told)


@given(payload=st.binary(max_size=2000), flip=st.integers(min_value=0))
def test_an_altered_payload_is_never_read(payload: bytes, flip: int) -> None:
    key = AESGCM(b"k" * 32)
    cipher = SubjectCipher({"s": Held({b"12345678": key}, b"12345678", False, 0.0)})
    written = bytearray(cipher.encrypt("s", "e", payload))
    assert cipher.decrypt("s", "e", bytes(written)) == payload
    at = len(SEALED) + flip % (len(written) - len(SEALED))
    written[at] ^= 1
    with pytest.raises((UnreadableError, Retryable)):
        cipher.decrypt("s", "e", bytes(written))


async def test_only_so_many_are_held(pool: KeyPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("libs.runtime.keys.MOST_HELD", 10)
    mine = keys(pool)
    for number in range(30):
        await mine.writing([f"s{number}"])
    assert len(mine._held) == 10 < MOST_HELD
