"""PostgreSQL as one child process, on the loopback address, with a password; never as root."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from embedded.errors import StackError
from embedded.files import DataFolder
from embedded.maven import cached_jars, postgres_artifact
from embedded.processes import ProcessSpec, as_user, started_at
from embedded.settings import EmbeddedSettings

PORTS = ("POSTGRES_PORT",)
USER = DATABASE = "signalbox"

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may have 107 bytes, and a data folder's be longer
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_error_verbosity": "terse",  # a DETAIL quotes values of rows
    "timezone": "UTC",
    "jit": "off",  # the packaged server has no LLVM
}
ORPHAN_SECONDS = 15.0
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def postgres_process(
    folder: DataFolder,
    port: int,
    password: str,
    settings: EmbeddedSettings,
    *,
    on_progress: Callable[[str], None],
    short_lived: bool = False,
) -> ProcessSpec:
    """The server's process, its cluster and database made. `short_lived` does without fsync: for tests only."""
    user = unprivileged_user(settings)
    jar = cached_jars([postgres_artifact()], settings, on_progress)[0]
    programs = _unpacked(jar, settings, user, on_progress)
    home = _home(folder, settings, user)
    if not (home / "data").exists():
        on_progress("making PostgreSQL's cluster")
        _make_cluster(programs, home, password, user, ["--no-sync"] if short_lived else [])
    forget_dead_server(home / "data")
    options = OPTIONS | {"port": str(port)} | (NOT_DURABLE if short_lived else {})
    return ProcessSpec(
        name="postgres",
        argv=[str(programs / "bin/postgres"), "-D", str(home / "data"), *_as_arguments(options)],
        cwd=str(home),
        env=_environment(),
        user=user,
        stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        stop_seconds=20,
        rank=1,
        port=port,
    )


def unprivileged_user(settings: EmbeddedSettings) -> tuple[int, int] | None:
    """(uid, gid) of whom Postgres runs as when we are root: SIGNALBOX_POSTGRES_USER, else postgres, else nobody.

    initdb wants a user that has a name, so a number of our own choice would not do. None when we aren't root.
    """
    if os.geteuid() != 0:
        return None
    for name in [settings.postgres_user] if settings.postgres_user else ["postgres", "nobody"]:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return entry.pw_uid, entry.pw_gid
    raise StackError("PostgreSQL doesn't run as root: name another user of this machine in SIGNALBOX_POSTGRES_USER")


def _reachable(path: Path, user: tuple[int, int] | None) -> bool:
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(path)]
    return subprocess.run(command, capture_output=True, cwd="/", check=False, **as_user(user)).returncode == 0


def _root_home(settings: EmbeddedSettings, user: tuple[int, int] | None) -> Path:
    home = settings.root_home
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not _reachable(home, user):
        raise StackError(f"PostgreSQL's user can't reach {home}: name another folder in SIGNALBOX_ROOT_HOME")
    return home


def _unpacked(jar: Path, settings: EmbeddedSettings, user: tuple[int, int] | None, say: Callable[[str], None]) -> Path:
    settings.cache.mkdir(parents=True, exist_ok=True)
    parent = settings.cache if _reachable(settings.cache, user) else _root_home(settings, user)
    target = parent / jar.stem
    if target.exists():
        return target
    say(f"unpacking PostgreSQL to {target}")
    scratch = Path(tempfile.mkdtemp(dir=parent, prefix="unpack-"))
    with zipfile.ZipFile(jar) as archive:
        inner = next(name for name in archive.namelist() if name.endswith(".txz"))
        with archive.open(inner) as packed, tarfile.open(fileobj=packed, mode="r|xz") as files:
            files.extractall(scratch)  # noqa: S202 -- the jar's sha256 was checked
    for place in (scratch, *(path for path in scratch.rglob("*") if path.is_dir())):
        place.chmod(0o755)
    try:
        scratch.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(scratch)
    return target


def _home(folder: DataFolder, settings: EmbeddedSettings, user: tuple[int, int] | None) -> Path:
    """`<data>/postgres`, or what it links to: a folder elsewhere when Postgres' user can't reach the data folder.

    The folder elsewhere has a name by chance: a data folder that was removed and made again never meets an old cluster.
    """
    home = folder.root / "postgres"
    if home.exists():
        return home.resolve()
    if home.is_symlink():
        raise StackError(f"{home} leads to {home.readlink()}, which is gone: put it back, or remove {folder.root}")
    if _reachable(folder.root, user):
        home.mkdir(mode=0o700)
    else:
        place = _root_home(settings, user) / f"postgres-{secrets.token_hex(8)}"
        place.mkdir(mode=0o700)
        home.symlink_to(place)
    if user is not None:
        os.chown(home, *user)
    return home.resolve()


def _make_cluster(
    programs: Path, home: Path, password: str, user: tuple[int, int] | None, extra: Sequence[str]
) -> None:
    scratch, password_file = home / "data.new", home / "password"
    shutil.rmtree(scratch, ignore_errors=True)  # a start that was interrupted
    password_file.write_text(password)
    password_file.chmod(0o600)
    if user is not None:
        os.chown(password_file, *user)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    access = [f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={password_file}"]
    try:
        _run([str(programs / "bin/initdb"), "-D", str(scratch), *locale, *access, *extra], home, user)
    finally:
        password_file.unlink()
    single = [str(programs / "bin/postgres"), "--single", "-D", str(scratch), "postgres"]
    _run(single, home, user, f"CREATE DATABASE {DATABASE}\n")
    scratch.rename(home / "data")


def forget_dead_server(data: Path) -> None:
    """Remove the lock file of a killed server that is still a zombie: Postgres takes it for one that runs.

    Where no init reaps orphans (many containers) that would be for good. The sessions of the killed server must be gone
    first: they work in `data` until they notice, and what they write then would spoil it.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    pid = int(lock.read_text().splitlines()[0])
    deadline = time.monotonic() + ORPHAN_SECONDS
    while orphans := _working_in(data):
        if started_at(pid) is not None or time.monotonic() > deadline:
            raise StackError(f"processes {sorted(orphans)} still use {data}: end them, then try again")
        time.sleep(0.05)
    if started_at(pid) is None:
        lock.unlink()


def _working_in(data: Path) -> set[int]:
    working = set()
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if link.readlink() == data:
                working.add(int(link.parent.name))
    return working


def _run(command: Sequence[str], home: Path, user: tuple[int, int] | None, text: str = "") -> None:
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, cwd=home, env=_environment(), timeout=120, check=False,
        **as_user(user),
    )  # fmt: skip
    if done.returncode:
        raise StackError(f"{Path(command[0]).name} failed:\n{(done.stdout + done.stderr)[-2000:]}")


def _environment() -> dict[str, str]:
    return {"LC_ALL": "C", "TZ": "UTC", "PGTZ": "UTC"}


def _as_arguments(options: dict[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def postgres_is_ready(port: int) -> bool:
    """True if the server on `port` asks who we are: while it starts, recovers or stops it answers with an error."""
    parameters = f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
    message = struct.pack(">ii", 8 + len(parameters), 3 << 16) + parameters
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as server:
            server.sendall(message)
            return server.recv(1) == b"R"
    except OSError:
        return False
