"""Proofs that are good for one message: seen again with anything else, they were stolen.

Mailgun signs a timestamp and a token and no word of the mail, so whoever reads one request could post any mail with its
proof. Three walls stand against that. The timestamp lets a proof live for minutes. This memory holds the proof to the
words that it first came with; the same words again are a retry, and harmless. And a retry has the same delivery id, so
it becomes no second lead. The memory is this process's own and ends with it: within those minutes after a restart, or
at another replica, a stolen proof could pass once more. That is why such a source counts as `token`, never as `signed`,
and why its trust in the policy is no higher than a form's.
"""

from dataclasses import dataclass, field

MAX_PROOFS = 50_000
"""At Mailgun's own limits a quarter of an hour's mail; the oldest go first."""


@dataclass(slots=True)
class Replays:
    """The proofs of late, each with a hash of what it came with. About 300 bytes a proof."""

    max_proofs: int = MAX_PROOFS
    _seen: dict[tuple[str, str], str] = field(default_factory=dict)

    def is_replay(self, source: str, proof: str, said: str) -> bool:
        """Whether the proof came before with other words; else it is remembered."""
        held = self._seen.get((source, proof))
        if held is None:
            if len(self._seen) >= self.max_proofs:
                del self._seen[next(iter(self._seen))]
            self._seen[source, proof] = said
            return False
        return held != said
