"""A provider that was away: the lead goes on without it and is completed later as its next version, on the real broker."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from libs.contracts.change import Actor, Status
from libs.contracts.events import ChangeRecorded, Command, LeadReceived
from libs.contracts.lead import Lead
from libs.contracts.topics import AUDIT_CHANGE, LEAD_RECEIVED
from libs.runtime import clock
from libs.runtime.settings import RuntimeSettings
from services.enrich.calls import Calls
from services.enrich.domain.findings import Finding, Inputs, found
from services.enrich.domain.provider import Provider
from tests.libs.runtime import harness
from tests.services.dedupe.fakes import a_lead
from tests.services.enrich.makers import Told
from tests.services.enrich.running import Running, running, send_command

SAID = (
    found("industry", "software", 0.9, "We build software", "https://acme.example/"),
    found("employees", 120, 0.9, "120 people", "https://acme.example/"),
)


class Hanging(Told):
    """Does not answer before it is told to."""

    def __init__(self) -> None:
        super().__init__("website", findings=SAID, reads="company")
        self.back = asyncio.Event()

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        self.asked += questions
        await self.back.wait()
        return [self.findings for _ in questions]


def edit(lead: Lead, number: int, **fields: int | str) -> Command:
    """A person sets a lead's facts."""
    name = f"edit {number} of {lead.lead_id}"
    return Command(
        event_id=name, command_id=name, target="dedupe", name="reenter", key=lead.lead_id,
        actor=Actor(kind="human", id="dana"), arguments={"fields": dict(fields), "reason": "she told me"},
    )  # fmt: skip


async def received(at: Running, name: str) -> Lead:
    lead = a_lead(f"{at.settings.env} {name}", email=f"ann@{name}.example", company=f"{name} of {at.settings.env}")
    event = LeadReceived(event_id=f"received {lead.lead_id}", lead=lead)
    await harness.send(at.settings.kafka, LEAD_RECEIVED, [event])
    return lead


async def until_missed(at: Running, lead: Lead, version: int) -> None:
    """The version's missed question is on record."""
    await at.until(lead.lead_id, lambda rows: any(f'"version": {version}' in str(row["order"]) for row in rows))


async def until_state(at: Running, lead: Lead, state: str) -> None:
    """The lead's only missed question is in this state."""
    await at.until(lead.lead_id, lambda rows: [row["state"] for row in rows] == [state])


async def test_a_late_answer_comes_as_the_next_version_and_a_persons_value_stays(settings: RuntimeSettings) -> None:
    website = Hanging()
    network: Sequence[Provider] = [website]
    async with running(settings, lambda policy: network) as at:
        lead = await received(at, "late")
        first = await at.enriched(lead.lead_id, 1)
        assert {one.outcome for one in first.lead.answers if one.provider == "website"} == {"timed_out"}
        assert first.lead.value("industry") is None
        assert first.lead.value("domain") == "late.example", "it went on with what is known"

        await send_command(settings.kafka, edit(lead, 1, employees=40))
        second = await at.enriched(lead.lead_id, 2)
        assert (second.lead.value("employees"), second.lead.fields["employees"].locked) == (40, True)
        await until_missed(at, lead, 2)
        asked = len(website.asked)
        assert asked == 1, "somebody is still asking: the second version does not"

        website.back.set()
        assert await at.ask_due() == 1
        third = await at.enriched(lead.lead_id, 3)
        held = third.lead.fields["industry"]
        assert (held.value, held.source.name, held.verified_by) == ("software", "website", None)
        assert (third.lead.value("employees"), third.lead.fields["employees"].verified_by) == (40, "dana")
        said = {one.field: one for one in third.lead.answers if one.provider == "website"}
        assert said["industry"].evidence == SAID[0].evidence
        assert (said["employees"].value, said["employees"].outcome) == (120, "found"), "what it said stays on record"

        changes = await harness.until(
            settings.kafka, AUDIT_CHANGE.name,
            lambda one: isinstance(one, ChangeRecorded) and one.change.lead_id == lead.lead_id and one.change.field == "industry",
            1,
        )  # fmt: skip
        [recorded] = [one.change for one in changes if isinstance(one, ChangeRecorded)]
        assert (recorded.old, recorded.new, recorded.status) == (None, "software", Status.APPLIED)
        assert recorded.evidence == SAID[0].evidence

        await until_state(at, lead, "answered")
        assert await at.ask_due() == 0
        assert len(website.asked) == asked + 1
        assert await at.versions(lead.lead_id) == [1, 2, 3]


async def test_one_that_never_answers_is_given_up_and_not_asked_again(settings: RuntimeSettings) -> None:
    website = Told("website", reads="company", failure=ConnectionRefusedError())
    network: Sequence[Provider] = [website]
    async with running(settings, lambda policy: network) as at:
        lead = await received(at, "never")
        first = await at.enriched(lead.lead_id, 1)
        assert {one.outcome for one in first.lead.answers if one.provider == "website"} == {"unavailable"}
        await until_state(at, lead, "open")
        assert await at.ask_due() == 1
        [waits] = await at.pool.fetch("select next_at, finished_at, attempts from effect")
        assert waits["finished_at"] is None
        assert waits["next_at"] > clock.now()

        a_day_on = Calls(
            harness.policies(), (), lambda policy: network, lambda: clock.now() + timedelta(hours=24, minutes=1)
        )
        assert await at.ask_due(a_day_on.ask) == 1
        await until_state(at, lead, "given_up")
        assert await at.versions(lead.lead_id) == [1], "nothing changed: nobody has to look again"

        asked = len(website.asked)
        await send_command(settings.kafka, edit(lead, 1, city="Bonn"))
        second = await at.enriched(lead.lead_id, 2)
        answers = [one for one in second.lead.answers if one.provider == "website"]
        assert {(one.outcome, one.given_up) for one in answers} == {("unavailable", True)}
        assert all(one.reason.startswith("given up: not within 24 hours") for one in answers)
        assert len(website.asked) == asked
        assert await at.ask_due() == 0
