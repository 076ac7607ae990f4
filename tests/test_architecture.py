"""What keeps the structure honest: names, places, and who may write what."""

import ast
import re
from pathlib import Path

import pytest

from cli.topics import built, markdown, uses
from libs.contracts.topics import CRM_WRITE, SERVICES, TOPICS, TRIAGE_REQUESTED
from tests.paths import ROOT

CODE = [
    path
    for part in ("libs", "services", "cli", "embedded", "drills", "bench", "matching", "scoring")
    for path in (ROOT / part).rglob("*.py")
]
LATER = ("lead.feedback.v1",)
"""Topics that the contracts fix from the start and whose producer is still to come."""


def test_every_topic_has_a_producer_and_a_consumer() -> None:
    for name, use in uses(built()).items():
        if name.endswith(".command.v1") and not use.producers:
            continue
        if name.endswith(".dead-letter.v1") and not use.producers:
            continue
        assert use.producers or name in LATER, f"nobody writes {name}"
        assert use.consumers, f"nobody reads {name}"


def test_the_topic_list_in_the_docs_is_current() -> None:
    assert (ROOT / "docs" / "topics.md").read_text().strip() == markdown().strip(), (
        "./signalbox topics > docs/topics.md"
    )


def test_only_the_router_rollback_and_unmapped_submissions_let_anything_out() -> None:
    for service in built():
        for stage in service.stages:
            if CRM_WRITE in stage.produces:
                assert service.name in ("router", "audit"), f"{stage.name} writes to the CRM"
            if TRIAGE_REQUESTED in stage.produces:
                assert service.name in ("router", "intake"), f"{stage.name} asks for triage"


def test_stage_names_are_unique_and_every_service_has_the_same_files() -> None:
    services = built()
    names = [(stage.name, stage.consumes.name) for service in services for stage in service.stages]
    assert len(names) == len(set(names))
    for name in SERVICES:
        folder = ROOT / "services" / name
        for expected in ("__main__.py", "service.py"):
            assert (folder / expected).is_file(), f"services/{name}/{expected} is missing"
        works = any((folder / one).exists() for one in ("stage.py", "stage", "sink.py"))
        assert works, f"services/{name} has neither a stage nor a sink"
        assert (folder / "domain").is_dir(), f"services/{name} has no domain"
        assert len((folder / "__main__.py").read_text().splitlines()) < 60


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return found | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_one_module_makes_kafka_producers() -> None:
    makers = [path for path in CODE if "AIOKafkaProducer(" in path.read_text()]
    allowed = {ROOT / "libs" / "runtime" / "broker.py"}
    assert {path for path in makers if "bench" not in path.parts} == allowed


def test_the_gate_is_asked_in_one_place_per_owner() -> None:
    callers = {
        path.relative_to(ROOT).parts[:2]
        for path in CODE
        if "libs.policy.admit" in imports_of(path) and "admit(" in path.read_text() and path.parts[-2] != "policy"
    }
    preview = ("services", "router")  # it asks which proposals crm would queue, to put them into the triage request
    assert callers <= {("libs", "runtime"), ("services", "crm"), preview}


def test_the_demo_uses_public_interfaces_only() -> None:
    for path in (ROOT / "cli" / "demo").rglob("*.py"):
        for name in imports_of(path) - {"services.audit.domain.ledger"}:  # pure; what `ledger` folds too
            assert not name.startswith(("services.", "asyncpg", "aiokafka")), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_a_grab_bag(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
    assert path.stem not in ("utils", "helpers", "misc", "common", "manager")


def test_there_are_as_many_topics_as_the_design_names() -> None:
    assert len(TOPICS) == 22 + 2 * len(SERVICES)


def test_what_the_code_and_the_docs_point_to_is_there() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    for path in (*CODE, *pages):
        for named in re.findall(r"\bdocs/[\w./-]+\.(?:md|json|svg)", path.read_text()):
            assert (ROOT / named).is_file(), f"{path.relative_to(ROOT)} names {named}"


OFFLINE = ("matching/", "scoring/", "services/classify/train")


def test_what_runs_needs_no_dev_requirement() -> None:
    """Only offline tools and the tests' containers may; all else has to import on a machine without them."""
    names = "scipy|sklearn|duckdb|splink|pyarrow|pandas|recordlinkage|hypothesis|pytest|testcontainers|jsonschema"
    for path in CODE:
        place = str(path.relative_to(ROOT))
        if not place.startswith(OFFLINE) and place != "embedded/containers.py":
            found = re.search(rf"^(?:from|import) (?:{names})\b", path.read_text(), re.MULTILINE)
            assert found is None, f"{path.relative_to(ROOT)}: {found and found.group(0)}"
