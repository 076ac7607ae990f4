"""Submissions by GET: only where the policy takes them, kept as the form that their query is, without the secret in it."""

import dataclasses

from services.intake.domain.bodies import parse_body
from services.intake.domain.request import Secret
from services.intake.domain.sources import Source
from tests.services.intake.test_api import World

PATH = "/hooks/contact?your-name=Ana+Ruiz&your-email=ana%40acme.com"


class TakingGet(World):
    """Where `contact` takes GET and has a secret."""

    secrets: tuple[Secret, ...] = ()

    def source(self, name: str) -> Source | None:
        found = super().source(name)
        if found is None or name != "contact":
            return found
        rules = found.rules.model_copy(update={"takes_get": True})
        return dataclasses.replace(found, rules=rules, secrets=self.secrets, takes_unsigned=not self.secrets)


async def test_a_get_is_a_submission_only_where_the_policy_says() -> None:
    assert (await World().ask("GET", PATH)).status_code == 401
    world = TakingGet()
    assert (await world.ask("GET", PATH)).status_code == 202
    event = world.kafka.event()
    kept = world.kafka.held[0].value
    assert kept is not None
    assert parse_body(kept, event.content_type).value == {"your-name": "Ana Ruiz", "your-email": "ana@acme.com"}
    assert event.method == "GET"
    assert (await world.ask("GET", "/hooks/contact")).status_code == 401


async def test_the_secret_proves_the_sender_and_is_not_kept() -> None:
    world = TakingGet()
    world.secrets = (Secret("s", b"tokentoken"),)
    assert (await world.ask("GET", PATH)).status_code == 401
    assert (await world.ask("GET", f"{PATH}&token=tokentoken")).status_code == 202
    record = world.kafka.held[0]
    assert b"tokentoken" not in (record.value or b"")
    assert not any(b"tokentoken" in value for _, value in record.headers)
    again = await world.ask("GET", f"{PATH}&token=tokentoken")
    assert again.json()["submission_id"] == world.kafka.event(0).submission_id
