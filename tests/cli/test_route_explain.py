"""`route explain` on the real broker: what the router decided is put on its topics, and told from them alone."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cli.errors import CliError
from cli.publish import publish
from libs.contracts import ids
from libs.contracts.events import Event, SubmissionReceived
from libs.contracts.lead import Position
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime.settings import RuntimeSettings
from services.intake.domain.facts import Unmapped
from services.intake.domain.leads import triage_requested
from tests.cli.classify_command import stack_in
from tests.cli.routed import Taped, put
from tests.cli.test_policy import FILES, run
from tests.services.router.fakes import NOW, changed, member
from tests.services.router.running import Router
from tests.services.router.test_decisions import answered, asked_of
from tests.services.router.test_offers import TEAM, Newest, lead, said


@pytest.fixture
def data(settings: RuntimeSettings, tmp_path: Path) -> Path:
    stack_in(tmp_path, settings.kafka)
    return tmp_path


def told(data: Path, settings: RuntimeSettings, name: str, tape: list[Event]) -> str:
    """What is explained once these events are on their topics."""
    asyncio.run(put(settings.kafka, tape))
    done = run("route", "explain", name, "--data", data)
    assert done.exit_code == 0, done.exception
    return done.output


def lines(text: str) -> list[str]:
    """What happened, in order, without its times."""
    return [line[23:] for line in text.splitlines() if line.startswith("  2026-11-23 ")]


def named(desk: Taped) -> list[Event]:
    """The members' records, by which they have names."""
    return [changed("member", one, name=one.title(), pools=["inbound"], active=True) for one in TEAM] + desk.tape


def test_an_offer_that_went_on_and_was_taken(settings: RuntimeSettings, data: Path) -> None:
    desk, name = Taped(), settings.env
    desk.scored(lead(name))
    desk.hears(said("reject", "ann", name, reason="a student"))
    asked = told(data, settings, name, named(desk))
    first = asked.splitlines()[0]
    assert first == f"{ids.lead_id(name, 0)}, version 1: queue inbound_sales, offered to Bob (offer 2)"
    desk.tape.clear()
    desk.hears(said("accept", "bob", name))
    text = told(data, settings, name, desk.tape)
    assert text.splitlines()[0].endswith("queue inbound_sales, owner Bob")
    assert "because Score 65 of at least 60 (rule inbound" in text
    happened = lines(text)
    order = [
        "version 1: queue inbound_sales, offered to Ann (offer 1), by inbound", "Ann did not take it: a student",
        "version 1: queue inbound_sales, offered to Bob (offer 2), by inbound", "Bob took it",
    ]  # fmt: skip
    assert [line for line in happened if line in order] in (order, [order[0], order[2], order[1], order[3]])
    assert happened.count("accept stopped") == happened.count("accept met") == 1
    assert any(line.startswith("first touch started, due 2026-11-23 16:0") for line in happened)
    turn = text[text.index("the turn in the pool inbound") :]
    assert ["Bob", "1", "got it"] in [[cell.strip() for cell in row.split("│")[1:-1]] for row in turn.splitlines()]


def test_a_lead_in_triage_and_what_a_person_decided(settings: RuntimeSettings, data: Path) -> None:
    desk, name = Taped(), settings.env
    outcome = desk.scored(lead(name, confidence=0.5))
    text = told(data, settings, name, desk.tape)
    assert text.splitlines()[0].endswith("version 1: triage")
    assert "a person is asked: route" in lines(text)
    assert "│ low_confidence" in text
    desk.tape.clear()
    desk.hears(answered(asked_of(outcome), route=("approve", None)).model_copy(update={"decided_at": NOW}))
    text = told(data, settings, name, desk.tape)
    assert "offered to Ann (offer 1)" in text.splitlines()[0]
    assert "dana decided on version 1: approve" in lines(text)


def test_a_suppressed_lead_names_the_entry_s_reason(settings: RuntimeSettings, data: Path) -> None:
    desk, name = Taped(), settings.env
    desk.hears(changed("suppression", "e1", reason="never_route", domain="spam.example"))
    desk.scored(lead(name, email="a@spam.example"))
    text = told(data, settings, name, desk.tape)
    assert text.splitlines()[0].endswith("version 1: suppressed")
    assert "record.held_for = ['never_route']" in text
    assert "the turn in the pool" not in text


def test_the_last_rule_says_that_none_fits(settings: RuntimeSettings, data: Path) -> None:
    routing = FILES["routing.yaml"].replace("when: lead.score.priority < 30\n", "when: lead.score.priority < 10\n")
    files = {**FILES, "routing.yaml": routing}
    other = load_policy(files)

    class Other(Newest):
        def by_hash(self, policy_hash: str) -> Policy:
            return other if policy_hash == other.hash else super().by_hash(policy_hash)

    asyncio.run(publish(settings.kafka, files, "ann", f"lower for {settings.env}"))
    desk, name = Taped(), settings.env
    desk.router = Router(policies=Other())
    desk.router.runs([member(one) for one in TEAM])
    desk.scored(lead(name, priority=20).model_copy(update={"policy_hash": other.hash}))
    text = told(data, settings, name, desk.tape)
    assert "because No rule fits: a person decides (rule catch_all" in text
    assert "by ann: lower for" in text


def test_a_submission_that_could_not_be_mapped_waits_for_a_person(settings: RuntimeSettings, data: Path) -> None:
    name = settings.env
    position = Position(topic="submission.received.v1", partition=0, offset=0)
    submission = SubmissionReceived(
        submission_id=name, source="demo", sha256="0" * 64, received_at=NOW, position=position
    )  # fmt: skip
    text = told(data, settings, name, [triage_requested(submission, 0, Unmapped("no address was found"))])
    assert f"{ids.lead_id(name, 0)} waits in triage" in text
    assert "unmapped: no address was found" in text


def test_an_unknown_lead_is_said_to_be_unknown(data: Path) -> None:
    done = run("route", "explain", "nobody", "--data", data)
    assert isinstance(done.exception, CliError)
    assert "no route of nobody is known" in str(done.exception)
    assert "check the id" in str(done.exception)


def test_the_same_as_json(settings: RuntimeSettings, data: Path) -> None:
    desk, name = Taped(), settings.env
    desk.scored(lead(name))
    asyncio.run(put(settings.kafka, named(desk)))
    done = run("route", "explain", ids.lead_id(name, 0), "--data", data, "--json")
    assert done.exit_code == 0, done.exception
    found: dict[str, Any] = json.loads(done.stdout)
    assert [one["route"]["rule"] for one in found["routes"]] == ["inbound"]
    assert {one["clock"] for one in found["clocks"]} == {"first_touch", "accept"}
    assert found["names"]["ann"] == "Ann"
