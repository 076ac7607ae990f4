"""Ids derive from their cause, so that a redelivery or a replay names the same things again."""

import hashlib
import hmac
from uuid import UUID

SIGNALBOX = UUID("5c1f7a52-6f0e-5e55-9a55-51b0a1b0c0de")
"""Namespace of all Signalbox ids; fixed for ever, since stored ids derive from it."""


_NAMED = hashlib.sha1(SIGNALBOX.bytes, usedforsecurity=False)


def derived_id(*parts: str | int) -> str:
    """The uuid5 of the parts; each part is length-prefixed, so that ("ab", "c") and ("a", "bc") differ.

    Written out (RFC 9562, 5.5), since a lead needs about a hundred ids and `uuid.uuid5` takes four times as long.
    """
    texts = [str(part) for part in parts]
    named = _NAMED.copy()
    named.update("".join([f"{len(text)}:{text}" for text in texts]).encode())
    raw = bytearray(named.digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x50
    raw[8] = raw[8] & 0x3F | 0x80
    name = raw.hex()
    return f"{name[:8]}-{name[8:12]}-{name[12:16]}-{name[16:20]}-{name[20:]}"


def submission_id(source: str, delivery: str) -> str:
    """Id of a raw submission; `delivery` is the sender's delivery id, or the sha256 of the body when it sends none."""
    return derived_id("submission", source, delivery)


def lead_id(submission: str, item: int) -> str:
    """Id of the lead that item number `item` of a submission is; also of the triage item when it can't be mapped."""
    return derived_id("lead", submission, item)


def event_id(cause: str, stage: str, ordinal: int) -> str:
    """Id of the event number `ordinal` that `stage` emits because of the event `cause`."""
    return derived_id("event", cause, stage, ordinal)


def change_id(trigger_event: str, stage: str, record_type: str, record_id: str, field: str, ordinal: int) -> str:
    """Id of one proposed change of one field, caused by one event."""
    return derived_id("change", trigger_event, stage, record_type, record_id, field, ordinal)


def record_id(kind: str, submission: str, item: int) -> str:
    """Id of the contact or company that a submission's item made first; never derived from an e-mail or a name."""
    return derived_id(kind, submission, item)


def subject_key_id(thing: str) -> str:
    """Id of the encryption key of a submission (by its id), a lead (by its id) or a record (type:id). One person has several of
    these, and erasing the person destroys them all."""
    return derived_id("subject", thing)


def traceparent(cause: str) -> str:
    """The W3C trace header of what `cause` starts: its trace and span ids derive from it."""
    digest = hashlib.sha256(cause.encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"


def partition_key(tenant_secret: bytes, identity_key: str) -> str:
    """The identity key as it may stand in Kafka: hex HMAC-SHA256, so that no key tells an e-mail or a phone number."""
    return hmac.new(tenant_secret, identity_key.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def content_hash(payload: bytes) -> str:
    """Hex sha256 of stored bytes."""
    return hashlib.sha256(payload).hexdigest()
