"""Contradictions in `notices.yaml`, alone and with the rest."""

from collections.abc import Iterator

from libs.policy.notices import Notices
from libs.policy.routing import Routing
from libs.policy.wording import nearest_hint

Found = Iterator[tuple[str, tuple[str | int, ...], str]]


def notice_contradictions(notices: Notices, routing: Routing) -> Found:
    """Rules that are never asked, queues that there are not, and times that contradict each other."""
    names: set[str] = set()
    for at, rule in enumerate(notices.rules):
        if rule.name in names:
            yield "notices", ("rules", at, "name"), f"{rule.name} is given twice"
        names.add(rule.name)
        covering = next((one.name for one in notices.rules[:at] if one.covers(rule)), None)
        if covering is not None:
            yield "notices", ("rules", at), f"{rule.name} is never asked: {covering} takes all its notices before"
        for index, queue in enumerate(rule.queues):
            if queue not in routing.queues:
                hint = nearest_hint(queue, routing.queues)
                yield "notices", ("rules", at, "queues", index), f"no such queue: {queue}{hint}"
        if rule.when == "digest" and rule.urgent:
            yield (
                "notices",
                ("rules", at, "urgent"),
                f"{rule.name} is urgent and waits for a digest: leave out one of both",
            )
        if rule.when == "digest" and not notices.digest_at:
            yield "notices", ("rules", at, "when"), f"{rule.name} waits for a digest, and digest_at names no time"
        for index, channel in enumerate(rule.channels):
            if rule.when == "digest" and channel.startswith("webhook:"):
                path = ("rules", at, "channels", index)
                yield "notices", path, f"{rule.name}: a webhook is called at once, it has no digest"
            if channel in rule.channels[:index]:
                yield "notices", ("rules", at, "channels", index), f"{rule.name} names {channel} twice"
    for at, moment in enumerate(notices.digest_at):
        if moment.second or moment.microsecond or moment.tzinfo is not None:
            yield "notices", ("digest_at", at), "a digest goes out at a whole minute, without a zone"
