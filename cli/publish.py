"""Publishing a policy: one record on `policy.published.v1` with its entries in the audit log, in one transaction."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.codec import Encoded, decode, encode
from libs.contracts.events import ChangeRecorded, PolicyPublished
from libs.contracts.keys import key_of
from libs.contracts.topics import AUDIT_CHANGE, POLICY_PUBLISHED
from libs.policy.launch import STRICTEST_MODE_FIRST, LaunchMode, stricter
from libs.policy.load import files_with_mode, load_policy
from libs.runtime import clock
from libs.runtime.broker import read_topics, send_together

Role = Literal["live", "shadow"]
RECORD = RecordRef(type="policy", id="policy")
"""The record whose fields say which policy decides, in which mode, and which one is tried."""
SHOWN_SECONDS = 10.0
TRANSACTIONAL_ID = "signalbox.policy"


async def newest_published(kafka: str, role: Role = "live") -> PolicyPublished | None:
    """The policy that was published last in a role; None when there is none. One in shadow that was promoted or taken out
    is none."""
    newest: dict[str, PolicyPublished] = {}
    async for record in read_topics(kafka, [POLICY_PUBLISHED.name]):
        event = decode(POLICY_PUBLISHED, record.value, record.headers)
        newest[event.role] = event
    found, live = newest.get(role), newest.get("live")
    gone = role == "shadow" and found is not None and found.policy_hash in ("", live.policy_hash if live else "")
    return None if gone else found


async def publish(kafka: str, files: Mapping[str, str], author: str, reason: str, role: Role = "live") -> bool:
    """Publish the policy that the files say; False when it is the newest of its role already. Raises PolicyError when it
    does not load, KafkaError when the broker does not take it."""
    policy_hash = load_policy(files).hash
    before = await newest_published(kafka, role)
    if before is not None and before.policy_hash == policy_hash:
        return False
    await _send(kafka, before, policy_hash, files, author, reason, role)
    return True


async def no_looser(kafka: str, files: Mapping[str, str]) -> dict[str, str]:
    """The files with the launch mode that they may come into force with before anything was checked: at most *suggested*,
    or the one in force now. Raises PolicyError when they do not load."""
    live = await newest_published(kafka)
    now = load_policy(live.files).launch.mode if live else LaunchMode.SUGGESTED
    most = max(now, LaunchMode.SUGGESTED, key=STRICTEST_MODE_FIRST.index)
    wanted = load_policy(files).launch.mode
    return dict(files) if stricter(wanted, most) is wanted else files_with_mode(files, most)


async def end_shadow(kafka: str, author: str, reason: str) -> bool:
    """Try no policy any more; False when none is tried."""
    before = await newest_published(kafka, "shadow")
    if before is None:
        return False
    await _send(kafka, before, "", {}, author, reason, "shadow")
    return True


async def _send(
    kafka: str,
    before: PolicyPublished | None,
    policy_hash: str,
    files: Mapping[str, str],
    author: str,
    reason: str,
    role: Role,
) -> None:
    now = clock.now()
    event = PolicyPublished(
        event_id=ids.derived_id("policy-published", role, policy_hash, now.isoformat()),
        decided_at=now,
        policy_hash=policy_hash,
        role=role,
        files=dict(files),
        author=author,
        reason=reason,
        published_at=now,
    )
    published = encode(POLICY_PUBLISHED, event, key_of(event), source="cli")
    await send_together(kafka, TRANSACTIONAL_ID, [published, *map(_audited, audit_entries(event, before))])
    await _shown(kafka, event.event_id)


async def _shown(kafka: str, event_id: str) -> None:
    """Return once readers see the record: a transaction's markers reach the topics a moment after its commit."""
    deadline = clock.monotonic() + SHOWN_SECONDS
    while clock.monotonic() < deadline:
        async for record in read_topics(kafka, [POLICY_PUBLISHED.name]):
            if decode(POLICY_PUBLISHED, record.value, record.headers).event_id == event_id:
                return
        await asyncio.sleep(0.02)


def audit_entries(event: PolicyPublished, before: PolicyPublished | None) -> list[FieldChange]:
    """What the audit log keeps of a publication: the version that took another's place, and the launch mode if it moved."""
    return [_entry(event, field, old, new) for field, old, new in _moves(event, before)]


def _moves(event: PolicyPublished, before: PolicyPublished | None) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    old, new = before.policy_hash if before else None, event.policy_hash or None
    yield ("version" if event.role == "live" else "shadow"), old, new
    if event.role == "live":
        was, now = _mode(before), _mode(event)
        if was != now:
            yield "launch_mode", was, now


def _mode(published: PolicyPublished | None) -> str | None:
    return load_policy(published.files).launch.mode.value if published else None


def _entry(event: PolicyPublished, field: str, old: JsonValue, new: JsonValue) -> FieldChange:
    return FieldChange(
        record=RECORD,
        field=field,
        old=old,
        new=new,
        source=Source(kind="human", name="cli"),
        actor=Actor(kind="human", id=event.author),
        reason=event.reason,
        change_id=ids.change_id(event.event_id, "policy", RECORD.type, RECORD.id, field, 0),
        workflow=Workflow(name="policy", version="1"),
        policy_version=event.policy_hash,
        trigger_event_id=event.event_id,
        lead_id=None,
        status=Status.APPLIED,
        rule="published",
        at=event.published_at,
    )


def _audited(change: FieldChange) -> Encoded:
    event_id = ids.derived_id("audit", change.change_id, change.status, change.trigger_event_id)
    recorded = ChangeRecorded(event_id=event_id, caused_by=change.trigger_event_id, decided_at=change.at, change=change)
    return encode(AUDIT_CHANGE, recorded, change.record.key, source="cli")
