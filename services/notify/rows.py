"""Notify's rows, as they are stored. `store.py` writes them, `rebuild.py` reads them back."""

from pydantic import TypeAdapter

from libs.runtime.rows import Kept, named
from services.notify.domain.known import Moved
from services.notify.domain.notice import Asked, Delivery, Member, Notice

MEMBER = TypeAdapter(Member)
DELIVERY = (
    "delivery_id", "notice_id", "lead_id", "kind", "channel", "recipient", "state", "due_at", "message_id", "reason",
    "answer", "at",
)  # fmt: skip


def rows_of(moved: Moved) -> list[Kept]:
    """All rows that an outcome changes."""
    told: list[Kept] = [
        named("member", MEMBERS, member_values(one), f"member:{one.member_id}") for one in moved.members
    ]
    told += [named("question", QUESTION, asked_values(one), one.lead_id) for one in moved.asked]
    told += [named("notice", NOTICE, notice_values(one), one.lead_id) for one in moved.notices]
    return [*told, *(named("delivery", DELIVERY, delivery_values(one), one.lead_id) for one in moved.deliveries)]


MEMBERS = ("member_id", "version", "data")
QUESTION = ("lead_id", "version", "question_hash", "question")
NOTICE = ("notice_id", "lead_id", "data")


def member_values(one: Member) -> tuple[object, ...]:
    """In the order of `MEMBERS`."""
    return one.member_id, one.version, MEMBER.dump_json(one).decode()


def asked_values(one: Asked) -> tuple[object, ...]:
    """In the order of `QUESTION`."""
    return one.lead_id, one.version, one.question_hash, one.question.model_dump_json() if one.question else None


def notice_values(one: Notice) -> tuple[object, ...]:
    """In the order of `NOTICE`."""
    return one.notice_id, one.lead_id, one.model_dump_json()


def delivery_values(one: Delivery) -> tuple[object, ...]:
    """In the order of `DELIVERY`."""
    return (
        one.delivery_id, one.notice_id, one.lead_id, one.kind, one.channel, one.recipient, one.state, one.due_at,
        one.message_id, one.reason, one.answer, one.at,
    )  # fmt: skip
