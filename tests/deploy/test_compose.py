"""docker-compose.yml and the Dockerfile, held against the code that they run."""

import ast
import importlib
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from cli.settings import CliSettings, RemoteSettings
from cli.stack import API_SERVICES
from embedded.containers import KAFKA_IMAGE, POSTGRES_IMAGE
from embedded.kafka import MESSAGE_MAX_BYTES, PROPERTIES, YEAR_MINUTES
from libs.contracts.topics import SERVICES
from libs.runtime.consumer import REVOKE_SECONDS
from libs.runtime.serve import STOP_SECONDS
from libs.runtime.settings import RuntimeSettings
from libs.runtime.start import WAIT_SECONDS
from services.audit.settings import AuditSettings
from tests.paths import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
BLOCKS: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
COPIED = re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE)

OF_THE_PLACE = re.compile(r"(listeners|log\.dirs|.*\.listener.*|.*quorum\.voters|process\.roles|node\.id)$")
"""Kafka's properties that say where a broker is: other in a container than on the loopback address."""
OF_A_SMALL_MACHINE = re.compile(r"(.*\.threads|log\.cleaner\..*)$")


def environment(block: str) -> dict[str, str]:
    return {name: str(value) for name, value in BLOCKS[block]["environment"].items()}


def names_of(settings: type[BaseSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper() for name in settings.model_fields}


def settings_of(service: str) -> set[str]:
    """Environment names that a service reads."""
    found = names_of(RuntimeSettings) | {f"{service.upper()}_PORT"}
    if (ROOT / "services" / service / "settings.py").exists():
        module = importlib.import_module(f"services.{service}.settings")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings:
                found |= names_of(value)
    return found


def seconds(duration: str) -> int:
    assert duration.endswith("s")
    return int(duration[:-1])


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_a_block_that_runs_it(service: str) -> None:
    block, env = BLOCKS[service], environment(service)
    assert block["command"] == ["-m", f"services.{service}"]
    assert block["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert env["SIGNALBOX_INSTANCE"] == service, "static membership: two processes must never share a name"
    assert set(env) <= settings_of(service)
    if service in API_SERVICES:
        port = env[f"{service.upper()}_PORT"]
        assert block["ports"][0].endswith(f":{port}:{port}")
        assert environment("cli")[f"{service.upper()}_PORT"] == port


def test_there_is_no_other_block_and_each_has_what_it_needs() -> None:
    assert set(BLOCKS) == {*SERVICES, "kafka", "postgres", "prepare", "cli"}
    ports = {f"{service.upper()}_PORT" for service in API_SERVICES}
    assert (
        set(environment("cli"))
        <= names_of(RuntimeSettings) | names_of(RemoteSettings) | names_of(AuditSettings) | ports
    )
    assert set(environment("prepare")) <= names_of(RuntimeSettings) | names_of(CliSettings)
    for name in {*SERVICES, "prepare", "cli"}:
        required = {
            f"SIGNALBOX_{key}".upper() for key, field in RuntimeSettings.model_fields.items() if field.is_required()
        }
        assert required <= set(environment(name))
        assert "data:/var/lib/signalbox" in BLOCKS[name]["volumes"]
        assert BLOCKS[name]["pull_policy"] == ("build" if name == "prepare" else "never"), "a stranger's `signalbox`"
    assert "SIGNALBOX_DATA=/var/lib/signalbox" in DOCKERFILE


def test_every_variable_is_described_in_the_head() -> None:
    head = TEXT[: TEXT.index("x-logging")]
    used = set(re.findall(r"\$\{(\w+):[?-]", TEXT))
    assert used == set(re.findall(r"\$\{(\w+)", TEXT)), "each has a default or says that it is missing"
    for name in used:
        assert re.search(rf"^# .*\b{name}\b", head, re.MULTILINE), f"{name} is not described"


def test_nothing_is_open_to_the_network_unasked() -> None:
    for name, block in BLOCKS.items():
        for port in block.get("ports", ()):
            address = "${INTAKE_BIND:-127.0.0.1}" if name == "intake" else "127.0.0.1"
            assert port.startswith(f"{address}:"), f"{name} {port}"


def test_a_container_has_the_time_that_a_service_takes() -> None:
    pool_and_producer = 10
    for service in SERVICES:
        block = BLOCKS[service]
        assert seconds(block["stop_grace_period"]) >= 2 * REVOKE_SECONDS + STOP_SECONDS + pool_and_producer
        assert seconds(block["healthcheck"]["start_period"]) > WAIT_SECONDS
        assert block["restart"] == "unless-stopped", "an unknown outcome ends a process: it has to be started again"


def test_the_broker_is_set_as_the_embedded_one() -> None:
    filled = {"message_max_bytes": MESSAGE_MAX_BYTES, "offsets_retention_minutes": YEAR_MINUTES}
    filled |= {"node": 1, "replicas": 1, "in_sync": 1, "voters": ""}
    lines = [line for line in PROPERTIES.splitlines() if "=" in line and not line.startswith("#")]
    wanted = {key: value.format_map({**filled, "broker": "", "controller": "", "logs": ""}) for key, value in
              (line.split("=", 1) for line in lines)}  # fmt: skip
    given = environment("kafka")
    for key, value in wanted.items():
        if not OF_A_SMALL_MACHINE.match(key):
            name = "KAFKA_" + key.upper().replace(".", "_")
            assert OF_THE_PLACE.match(key) or given[name] == value, key
            assert name in given
    assert BLOCKS["kafka"]["image"] == KAFKA_IMAGE
    assert BLOCKS["postgres"]["image"] == POSTGRES_IMAGE


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(self.server.status if self.path == "/health/ready" else 404)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- named by the base class
        return


@pytest.fixture
def answering() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Health)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_says_whether_a_service_is_ready(answering: HTTPServer, status: int, healthy: bool) -> None:
    answering.status = status  # type: ignore[attr-defined]
    kind, program, *arguments, code = BLOCKS["score"]["healthcheck"]["test"]
    port = environment("score")["SIGNALBOX_HEALTH_PORT"]
    assert (kind, program) == ("CMD", "/opt/venv/bin/python")
    assert port in code
    here = code.replace(port, str(answering.server_port))
    done = subprocess.run([sys.executable, *arguments, here], capture_output=True, timeout=30, check=False)
    assert (done.returncode == 0) is healthy, done.stderr


def top_level_imports(package: str) -> Iterator[tuple[str, str]]:
    """(file, package) of every import of a package's modules; those inside functions only when they are our own."""
    for path in (ROOT / package).rglob("*.py"):
        tree = ast.parse(path.read_text())
        outer = set(map(id, tree.body))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in (name.split(".")[0] for name in names):
                if id(node) in outer or (ROOT / name).is_dir():
                    yield str(path.relative_to(ROOT)), name


def test_the_image_holds_every_package_that_the_commands_import() -> None:
    assert {"libs", "services", "cli", "policy"} <= set(COPIED)
    own = {path.name for path in ROOT.iterdir() if path.is_dir()}
    imported = {name for package in COPIED for _, name in top_level_imports(package)} & own
    assert imported <= set(COPIED)


def test_what_the_image_leaves_out_is_imported_by_nothing_in_it() -> None:
    left_out = re.findall(r"pip uninstall --yes (.+)", DOCKERFILE)[0].split()
    locked = (ROOT / "requirements.txt").read_text()
    assert all(f"\n{name}==" in f"\n{locked}" for name in left_out)
    importers = {file for package in COPIED for file, name in top_level_imports(package) if name in left_out}
    assert importers <= {"embedded/lock.py"}, "a tool of its own, imported by nothing"


def test_secrets_stay_out_of_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".signalbox", ".git"} <= set(ignored)
