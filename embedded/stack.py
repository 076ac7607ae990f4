"""The whole stack: Kafka, PostgreSQL and the services, brought up and ended with one call each."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from embedded import kafka, postgres
from embedded.credentials import Credentials, credentials_of
from embedded.errors import StackError
from embedded.files import DataFolder, last_lines
from embedded.plan import Addresses, Plan, read_plan, read_state, remember_ports, remembered_ports, write_plan
from embedded.ports import ports_for
from embedded.processes import ProcessSpec, end, living_pid, record_line
from embedded.settings import EmbeddedSettings, embedded_settings, inherited_environment
from embedded.supervisor import NAME as SUPERVISOR

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90.0
INFRASTRUCTURE = frozenset({"kafka", "postgres"})
Progress = Callable[[str], None]


@dataclass(frozen=True)
class ServiceSpec:
    """One service. `ports` are names of environment variables, each with a port or 0 for a free one.

    All services get all ports of all services in their environment. `{NAME}` of a port, `{kafka}` and `{database_url}`
    are replaced in argv, the values of env, and `ready_url`, which answers 2xx once the service is ready.
    """

    name: str
    argv: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    ready_url: str | None = None
    stop_seconds: float = 15.0


@dataclass(frozen=True)
class Stack:
    """A stack that is up. `already_up` if this call had nothing to do."""

    data: Path
    addresses: Addresses
    ports: dict[str, int]
    credentials: Credentials
    already_up: bool


def up(
    data: Path,
    port_base: int | None = None,
    services: Sequence[ServiceSpec] = (),
    on_progress: Progress = lambda _line: None,
    prepare: Callable[[Addresses], None] = lambda _addresses: None,
    *,
    tied: bool = False,
    short_lived: bool = False,
    kinds: frozenset[str] = INFRASTRUCTURE,
    settings: EmbeddedSettings | None = None,
    brokers: int = 1,
) -> Stack:
    """Bring the stack up and return when every part is ready.

    Leftovers of a crash are ended first; a stack that is up already is changed only where it differs. `prepare` runs
    between the infrastructure and the services, and must bear to be run again. `tied` ends everything with the calling
    process. `short_lived` trades durability for a quick start. More than one of `brokers` makes a cluster whose topics of
    its own have as many replicas. Raises StackError; what this call started is then ended.
    """
    folder = DataFolder(data.absolute())
    folder.make()
    settings = settings or embedded_settings()
    with folder.launcher_lock():
        nodes = kafka.nodes(brokers)
        launch = _Launch(folder, settings, port_base, list(services), on_progress, tied, short_lived, kinds, nodes)
        return launch.run(prepare)


def down(data: Path, on_progress: Progress = lambda _line: None) -> bool:
    """End everything that runs in this data folder, whoever started it; False if nothing did."""
    folder = DataFolder(data.absolute())
    if not folder.run.exists():
        return False
    with folder.launcher_lock():
        return _end_all(folder, on_progress)


def _end_all(folder: DataFolder, on_progress: Progress) -> bool:
    supervisor = folder.pid_file(SUPERVISOR)
    known = (read_plan(folder) or Plan(Addresses("", ""), {}, [])).by_name()
    alone = living_pid(supervisor) is None
    names = sorted(path.stem for path in folder.run.glob("*.pid") if path.stem != SUPERVISOR)
    found = [name for name in names if living_pid(folder.pid_file(name)) is not None]
    if not alone:
        on_progress(f"ending {', '.join(found) or 'the supervisor'}")
        patience = sum(spec.stop_seconds for spec in known.values()) + 30
        end([ProcessSpec(SUPERVISOR, (), "/", stop_seconds=patience)], folder)
    elif found:
        on_progress(f"ending what a crash left: {', '.join(found)}")
    unnamed = [ProcessSpec(name, (), "/") for name in names if name not in known]
    end([*known.values(), *unnamed], folder)
    folder.plan.unlink(missing_ok=True)
    return bool(found) or not alone


@dataclass
class _Launch:
    folder: DataFolder
    settings: EmbeddedSettings
    port_base: int | None
    services: list[ServiceSpec]
    on_progress: Progress
    tied: bool
    short_lived: bool
    kinds: frozenset[str]
    nodes: list[kafka.Node]

    def run(self, prepare: Callable[[Addresses], None]) -> Stack:
        before = self._running_plan()
        credentials = credentials_of(self.folder)
        try:
            plan = self._infrastructure(credentials, before)
            wanted = replace(plan, processes=[*plan.processes, *self._service_processes(plan, credentials)])
            if wanted == before and self._all_run(wanted):
                self.on_progress("already up")
            else:
                running = [spec for spec in before.processes if not _is_infrastructure(spec)] if before else []
                self._start(replace(plan, processes=[*plan.processes, *running]), plan.processes)
                prepare(plan.addresses)
                self._start(wanted, wanted.processes[len(plan.processes) :])
        except BaseException:
            if before is None:
                _end_all(self.folder, lambda _line: None)
            raise
        return Stack(self.folder.root, plan.addresses, plan.ports, credentials, wanted == before)

    def _running_plan(self) -> Plan | None:
        if living_pid(self.folder.pid_file(SUPERVISOR)) is not None:
            return read_plan(self.folder)
        _end_all(self.folder, self.on_progress)
        return None

    def _infrastructure(self, credentials: Credentials, before: Plan | None) -> Plan:
        """The plan without services; of a running stack Kafka and PostgreSQL stay as they are."""
        own = [
            *([node.name for node in self.nodes] if self._own_kafka else []),
            *(["postgres"] if "postgres" in self.kinds and not self.settings.database_url else []),
        ]
        ports = self._ports(own, before)
        kept = before.by_name() if before else {}
        with ThreadPoolExecutor(2) as pool:
            made = {name: pool.submit(self._make, name, ports, credentials) for name in own if name not in kept}
        processes = [kept[name] if name in kept else made[name].result() for name in own]
        database = f"postgresql://{postgres.USER}:{credentials.database_password}@127.0.0.1"
        listening = [f"127.0.0.1:{ports[node.ports[0]]}" for node in self.nodes] if self._own_kafka else []
        addresses = Addresses(
            kafka=self.settings.kafka or ",".join(listening),
            database_url=self.settings.database_url
            or (f"{database}:{ports['POSTGRES_PORT']}/{postgres.DATABASE}" if "postgres" in own else ""),
        )
        return Plan(addresses, ports, processes, record_line(os.getpid()).decode().strip() if self.tied else None)

    @property
    def _own_kafka(self) -> bool:
        return "kafka" in self.kinds and not self.settings.kafka

    def _ports(self, own: list[str], before: Plan | None) -> dict[str, int]:
        fixed = {name: port for spec in self.services for name, port in spec.ports.items() if port}
        wanted = [
            *(name for spec in self.services for name in spec.ports),
            *(name for node in self.nodes if self._own_kafka for name in node.ports),
            *(postgres.PORTS if "postgres" in own else ()),
        ]
        last = before.ports if before else remembered_ports(self.folder) if self.port_base is None else {}
        known = {name: port for name, port in last.items() if name in wanted} | fixed
        open_names = [name for name in wanted if name not in known]
        base = self.port_base if before is None else None
        ports = {**known, **ports_for(open_names, base, frozenset(known.values()))}
        remember_ports(self.folder, ports)
        return ports

    def _make(self, name: str, ports: dict[str, int], credentials: Credentials) -> ProcessSpec:
        node = next((node for node in self.nodes if node.name == name), None)
        if node is not None:
            return kafka.kafka_process(
                self.folder, ports, self.settings, on_progress=self.on_progress, short_lived=self.short_lived, node=node
            )
        return postgres.postgres_process(
            self.folder,
            ports["POSTGRES_PORT"],
            credentials.database_password,
            self.settings,
            on_progress=self.on_progress,
            short_lived=self.short_lived,
        )

    def _service_processes(self, plan: Plan, credentials: Credentials) -> list[ProcessSpec]:
        facts = {name: str(port) for name, port in plan.ports.items()}
        words = facts | {"kafka": plan.addresses.kafka, "database_url": plan.addresses.database_url}
        shared = facts | {
            "PYTHONPATH": str(ROOT),
            "SIGNALBOX_DATA": str(self.folder.root),
            "SIGNALBOX_KAFKA": plan.addresses.kafka,
            "SIGNALBOX_DATABASE_URL": plan.addresses.database_url,
            "SIGNALBOX_TENANT_SECRET": credentials.tenant_secret,
            "SIGNALBOX_API_TOKEN": credentials.api_token,
            "SIGNALBOX_MASTER_KEY": f"key:{credentials.master_key}" if credentials.master_key else "",
        }
        return [_as_process(spec, words, shared, plan.ports) for spec in self.services]

    def _all_run(self, plan: Plan) -> bool:
        return all(living_pid(self.folder.pid_file(spec.name)) is not None for spec in plan.processes)

    def _start(self, plan: Plan, awaited: Sequence[ProcessSpec]) -> None:
        """Have the plan followed, and wait until the processes named answer."""
        write_plan(self.folder, plan)
        if living_pid(self.folder.pid_file(SUPERVISOR)) is None:
            self._start_supervisor()
        restarts = {name: seen.restarts for name, seen in read_state(self.folder).processes.items()}
        waiting, deadline = list(awaited), time.monotonic() + READY_SECONDS
        while waiting:
            for spec in [spec for spec in waiting if self._is_ready(spec)]:
                self.on_progress(f"{spec.name} is up" + (f" on port {spec.port}" if spec.port else ""))
                waiting.remove(spec)
            seen = read_state(self.folder).processes
            ended = [s for s in waiting if s.name in seen and seen[s.name].restarts > restarts.get(s.name, 0) + 3]
            if ended or (waiting and time.monotonic() > deadline):
                self._give_up((ended or waiting)[0])
            time.sleep(0.05)

    def _start_supervisor(self) -> None:
        self.folder.state.unlink(missing_ok=True)
        with self.folder.log(SUPERVISOR).open("ab") as log:
            subprocess.Popen(
                [sys.executable, "-m", "embedded.supervisor", "--data", str(self.folder.root)],
                env={**inherited_environment(), "PYTHONPATH": str(ROOT)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 10
        while living_pid(self.folder.pid_file(SUPERVISOR)) is None:
            if time.monotonic() > deadline:
                raise StackError(f"the supervisor does not start:\n{last_lines(self.folder.log(SUPERVISOR))}")
            time.sleep(0.02)

    def _is_ready(self, spec: ProcessSpec) -> bool:
        if living_pid(self.folder.pid_file(spec.name)) is None:
            return False
        if _is_infrastructure(spec) and spec.port is not None:
            check = postgres.postgres_is_ready if spec.name == "postgres" else kafka.kafka_is_ready
            return check(spec.port)
        return spec.ready_url is None or _answers(spec.ready_url)

    def _give_up(self, spec: ProcessSpec) -> None:
        log = self.folder.log(spec.name)
        raise StackError(f"{spec.name} does not come up; the end of its log ({log}):\n{last_lines(log)}")


def _is_infrastructure(spec: ProcessSpec) -> bool:
    return spec.rank > 0


def _as_process(spec: ServiceSpec, words: dict[str, str], shared: dict[str, str], ports: dict[str, int]) -> ProcessSpec:
    def filled(text: str) -> str:
        for word, value in words.items():
            text = text.replace("{" + word + "}", value)
        return text

    return ProcessSpec(
        name=spec.name,
        argv=[filled(part) for part in spec.argv],
        cwd=str(ROOT),
        env=shared | {"SIGNALBOX_INSTANCE": spec.name} | {name: filled(value) for name, value in spec.env.items()},
        stop_seconds=spec.stop_seconds,
        port=next((ports[name] for name in spec.ports), None),
        ready_url=filled(spec.ready_url) if spec.ready_url else None,
    )


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(200 <= response.status < 300)
    except OSError:
        return False
