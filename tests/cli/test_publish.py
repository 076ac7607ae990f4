"""Publishing on the real broker: what decides, what is tried, what the audit log keeps, and a mode that nothing loosens."""

import asyncio
import json

from cli.policy.shadow import compared
from cli.publish import end_shadow, newest_published, no_looser, publish
from libs.contracts.change import Actor
from libs.contracts.codec import decode, encode
from libs.contracts.events import AutonomyChanged
from libs.contracts.lead import Route, ShadowRoute
from libs.contracts.topics import AUDIT_CHANGE, AUTONOMY_CHANGED
from libs.policy.launch import LaunchMode
from libs.policy.load import files_with_mode, load_policy, read_files
from libs.runtime.broker import Producer, read_topics
from libs.runtime.health import Health
from libs.runtime.people import People
from libs.runtime.policies import PublishedPolicies
from libs.runtime.policy_feed import follow_policies
from tests.libs.runtime.leads import AT
from tests.paths import ROOT

FILES = read_files(ROOT / "policy")
OTHER = {
    **FILES,
    "routing.yaml": FILES["routing.yaml"].replace("lead.score.priority >= 60", "lead.score.priority >= 65"),
}
AUTO = files_with_mode(FILES, LaunchMode.LIMITED_AUTO)
LIVE, TRIED = load_policy(FILES).hash, load_policy(OTHER).hash


async def newest(kafka: str) -> tuple[str | None, str | None]:
    live, tried = await newest_published(kafka), await newest_published(kafka, "shadow")
    return live.policy_hash if live else None, tried.policy_hash if tried else None


async def audited(kafka: str, by: str) -> list[tuple[str, object, object, str]]:
    found = []
    async for record in read_topics(kafka, [AUDIT_CHANGE.name]):
        change = decode(AUDIT_CHANGE, record.value, record.headers).change
        if change.record.type == "policy" and change.actor.id == by:
            found.append((change.field, change.old, change.new, change.reason))
    return found


async def test_what_is_tried_never_decides_and_every_publication_is_audited(kafka: str) -> None:
    await publish(kafka, FILES, "zoe", "start")
    assert await publish(kafka, OTHER, "zoe", "try it", "shadow")
    assert not await publish(kafka, OTHER, "zoe", "try it", "shadow")
    assert await newest(kafka) == (LIVE, TRIED)
    assert not await publish(kafka, FILES, "zoe", "again"), "what is tried after it makes the live one no older"
    assert await publish(kafka, OTHER, "zoe", "it is better")
    assert await newest(kafka) == (TRIED, None), "what was promoted is tried no longer"
    assert await publish(kafka, FILES, "zoe", "back")
    assert await newest(kafka) == (LIVE, TRIED)
    assert await end_shadow(kafka, "zoe", "enough")
    assert not await end_shadow(kafka, "zoe", "enough")
    assert await newest(kafka) == (LIVE, None)
    told = await audited(kafka, "zoe")
    assert told[-4:] == [
        ("shadow", None, TRIED, "try it"),
        ("version", LIVE, TRIED, "it is better"),
        ("version", TRIED, LIVE, "back"),
        ("shadow", TRIED, None, "enough"),
    ]


async def test_a_looser_mode_is_told_in_the_audit_log_and_never_comes_with_the_start(kafka: str) -> None:
    await publish(kafka, FILES, "yan", "start")
    assert load_policy(await no_looser(kafka, AUTO)).launch.mode is LaunchMode.SUGGESTED
    read_only = files_with_mode(FILES, LaunchMode.READ_ONLY)
    assert await no_looser(kafka, read_only) == read_only
    await publish(kafka, AUTO, "yan", "ready")
    assert await no_looser(kafka, AUTO) == AUTO, "the mode in force may start again"
    assert ("launch_mode", "suggested", "limited_auto", "ready") in await audited(kafka, "yan")
    await publish(kafka, FILES, "yan", "back")


async def followed(kafka: str, key: str) -> PublishedPolicies:
    """What a service that starts now knows, once the level of a key came in."""
    policies, health = PublishedPolicies(), Health()
    feed = asyncio.create_task(follow_policies(kafka, policies, People(), health))
    async with asyncio.timeout(20):
        while key not in policies.levels() or not health.policy:  # noqa: ASYNC110 - the feed tells nobody
            await asyncio.sleep(0.01)
    feed.cancel()
    await asyncio.gather(feed, return_exceptions=True)
    return policies


async def test_levels_and_the_policy_in_shadow_come_in_while_a_service_runs_and_again_after_a_restart(
    kafka: str,
) -> None:
    await publish(kafka, FILES, "xia", "start")
    policies, health = PublishedPolicies(), Health()
    feed = asyncio.create_task(follow_policies(kafka, policies, People(), health))
    async with asyncio.timeout(20):
        while not health.policy:  # noqa: ASYNC110 - the feed tells nobody
            await asyncio.sleep(0.01)
    assert policies.shadow() is None
    await publish(kafka, OTHER, "xia", "try", "shadow")
    await told(kafka, "e:contact.title:feed", "limited_autonomous")
    await told(kafka, "e:contact.title:feed", "approved_writes")
    async with asyncio.timeout(20):
        while policies.shadow() is None or policies.levels().get("e:contact.title:feed") != "approved_writes":  # noqa: ASYNC110 - the feed tells nobody
            await asyncio.sleep(0.01)
    assert policies.newest().hash == LIVE
    feed.cancel()
    await asyncio.gather(feed, return_exceptions=True)
    again = await followed(kafka, "e:contact.title:feed")
    tried = again.shadow()
    assert tried is not None
    assert (tried.hash, again.newest().hash) == (TRIED, LIVE)
    assert again.levels()["e:contact.title:feed"] == "approved_writes"
    await end_shadow(kafka, "xia", "enough")


async def told(kafka: str, key: str, level: str) -> None:
    event = AutonomyChanged.model_validate(
        {
            "event_id": f"{key}-{level}", "key": key, "workflow": "e", "record_type": "contact", "field": "title",
            "level": level, "since": AT, "actor": Actor(kind="human", id="ana"),
        }
    )  # fmt: skip
    producer = Producer(kafka)
    await producer.start()
    await producer.send_and_wait(encode(AUTONOMY_CHANGED, event, key, source="test"))
    await producer.stop()


def route(queue: str, there: str | None, policy_hash: str = TRIED) -> Route:
    shadow = None if there is None else ShadowRoute(
        policy_hash=policy_hash, destination="queue", queue=there, rule=f"to_{there}", reason="r"
    )  # fmt: skip
    return Route(destination="queue", queue=queue, rule=f"to_{queue}", reason="r", confidence=1.0, shadow=shadow)


def test_the_report_counts_only_what_the_policy_saw() -> None:
    routes = [("l1", route("a", "a")), ("l2", route("a", "b")), ("l3", route("a", "b")), ("l4", route("b", "a"))]
    routes += [("l5", route("a", None)), ("l6", route("a", "b", "another"))]
    found = compared(routes, TRIED)
    assert (found["leads"], found["same"], found["agreement"]) == (4, 1, 0.25)
    assert found["ways"] == [
        {"from": "queue:a", "to": "queue:b", "leads": 2}, {"from": "queue:b", "to": "queue:a", "leads": 1},
    ]  # fmt: skip
    assert found["rules"][0] == {"rule": "to_a", "shadow_rule": "to_b", "leads": 2}
    assert {one["lead"] for one in found["differences"]} == {"l2", "l3", "l4"}
    assert compared([], TRIED)["agreement"] is None
    json.dumps(found)
