"""`leads` against the router itself: its stages on the real broker, its state in Postgres, its API on a port."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cli.errors import CliError
from embedded.ports import ports_for
from libs.contracts import ids
from libs.contracts.codec import encode
from libs.contracts.events import Event, PolicyPublished
from libs.contracts.lead import FieldValue, Lead
from libs.contracts.topics import LEAD_SCORED, RECORD_CHANGED
from libs.policy.load import policy_hash
from libs.runtime.clock import now
from libs.runtime.policies import PublishedPolicies
from libs.runtime.serve import serve_http
from libs.runtime.settings import RuntimeSettings
from services.router.service import build
from tests.cli.classify_command import stack_in
from tests.cli.test_policy import run
from tests.services.crm.running import Running, running_service
from tests.services.router.fakes import NOW, member
from tests.services.router.running import scored
from tests.services.router.test_offers import TEAM, lead, offering_files


class Desk:
    """The commands as people give them, and a router that answers."""

    def __init__(self, router: Running, data: Path, name: str) -> None:
        self.router, self.data, self.lead = router, data, ids.lead_id(name, 0)

    async def says(self, *arguments: str) -> str:
        """What a command prints. Raises what it raises."""
        done = await asyncio.to_thread(run, "leads", *arguments, "--data", self.data)
        if done.exception is not None:
            raise done.exception
        return re.sub(r"\s+", " ", done.output)

    async def does(self, act: str, *arguments: str) -> str:
        return await self.says(act, self.lead, *arguments)

    async def hears(self, topic: str, event: Event, key: str) -> None:
        known = {one.name: one for one in (LEAD_SCORED, RECORD_CHANGED)}
        await self.router.producer.send_and_wait(encode(known[topic], event, key, source="test"))

    async def until(self, holds: Callable[[str], bool], *arguments: str) -> str:
        """What a command prints once it says what is waited for."""
        async with asyncio.timeout(30):
            while True:
                try:
                    text = await self.says(*arguments)
                except CliError as error:
                    text = str(error)
                if holds(text):
                    return text
                await asyncio.sleep(0.1)


def published() -> PublishedPolicies:
    known, files = PublishedPolicies(), offering_files()
    known.add(PolicyPublished(policy_hash=policy_hash(files), files=files, author="t", reason="t", published_at=NOW))
    return known


def acme(name: str) -> Lead:
    """A lead received now: the router's clocks are the machine's, and an old lead's first touch is over already."""
    held = lead(name)
    company = FieldValue(value="Acme", source=held.source)
    received = held.submission.model_copy(update={"received_at": now()})
    return held.model_copy(update={"fields": {"company": company}, "submission": received})


@asynccontextmanager
async def at_work(settings: RuntimeSettings, data: Path) -> AsyncIterator[Desk]:
    """A router at work, with a team and one lead that is offered to Ann."""
    port, name = ports_for(["router"])["router"], settings.env
    stack_in(data, settings.kafka, ROUTER_PORT=port)
    (data / "secrets.json").write_text(json.dumps({"api_token": settings.api_token}))
    async with running_service(settings, "router", build, published()) as router:
        serving = asyncio.ensure_future(serve_http(router.service.app, port, "127.0.0.1"))
        desk = Desk(router, data, name)
        try:
            for one in TEAM:
                await desk.hears(RECORD_CHANGED.name, member(one), one)
            await desk.until(lambda text: "no active leads" in text, "mine", "-m", "eve")
            await desk.hears(LEAD_SCORED.name, scored(acme(name)), name)
            await desk.until(lambda text: desk.lead in text, "mine", "-m", "Ann")
            yield desk
        finally:
            serving.cancel()
            await asyncio.wait([serving])


async def test_an_offer_is_listed_declined_taken_and_worked_on(settings: RuntimeSettings, tmp_path: Path) -> None:
    async with at_work(settings, tmp_path) as desk:
        listed = await desk.says("mine", "-m", "ann")
        assert "1 active" in listed
        assert "offered" in listed
        with pytest.raises(CliError, match="a reason is needed"):
            await desk.does("reject", "--reason", " ", "--actor", "ann")
        rejected = await desk.does("reject", "--reason", "a student", "--actor", "ANN")
        assert re.search(
            r"reject: done Acme: offered to Bob in inbound_sales; accept 1[45] min, first touch \d+ min", rejected
        )
        assert "no active leads" in await desk.says("mine", "-m", "ann")
        gone = await desk.says("mine", "-m", "ann", "--state", "gone")
        assert "now offered to" in gone
        assert " min" not in gone, "the clocks are Bob's"
        with pytest.raises(CliError, match="Bob has this lead now"):
            await desk.does("accept", "--actor", "ann")
        assert "Acme: Bob's, accepted in inbound_sales" in await desk.does(
            "accept", "--member", "bob", "--actor", "dana"
        )
        assert "nothing changed: it is theirs already" in await desk.does("accept", "--actor", "bob")
        touched = await desk.does("touch", "--actor", "bob")
        assert re.search(r"Acme: Bob's, met in inbound_sales; follow up \d+ min", touched)
        assert "nothing changed: no clock runs" in await desk.does("touch", "--actor", "bob")
        assert "follow-up: done Acme: Bob's, met in inbound_sales" in await desk.does("follow-up", "--actor", "bob")


async def test_a_manager_gives_a_lead_away_and_people_comment(settings: RuntimeSettings, tmp_path: Path) -> None:
    async with at_work(settings, tmp_path) as desk:
        assert "give: done Acme: Eve's, accepted" in await desk.does("give", "EVE", "--reason", "knows them")
        assert desk.lead in await desk.says("mine", "-m", "eve", "--json")
        with pytest.raises(CliError, match="Eve has this lead already"):
            await desk.does("give", "eve", "--reason", "again")
        with pytest.raises(CliError, match="no member has the id or name Zoe"):
            await desk.does("give", "Zoe", "--reason", "who?")
        assert "comment: done" in await desk.does("comment", "the score is too high")
        with pytest.raises(CliError, match="needs its text"):
            await desk.does("comment", " ")
        with pytest.raises(CliError, match="no routed lead nope is known"):
            await desk.says("touch", "nope")
        with pytest.raises(CliError, match="no member has the id or name nobody"):
            await desk.says("mine", "-m", "nobody")


async def test_a_declined_lead_of_the_last_member_goes_to_a_person(settings: RuntimeSettings, tmp_path: Path) -> None:
    async with at_work(settings, tmp_path) as desk:
        for one in TEAM:
            said = await desk.does("reject", "--reason", "not mine", "--actor", one)
        assert "Acme: with a person" in said
        with pytest.raises(CliError, match="nobody has this lead"):
            await desk.does("accept", "--actor", "eve")
        with pytest.raises(CliError, match="waits for a person"):
            await desk.does("give", "ann", "--reason", "she asked")


def test_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    assert run("leads", "reject", "x", "--data", tmp_path).exit_code == 2, "a reason is needed"
    assert run("leads", "mine", "--data", tmp_path).exit_code == 2
    assert "no Signalbox runs here" in str(run("leads", "accept", "x", "--data", tmp_path).exception)
