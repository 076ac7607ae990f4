"""Whether the evidence of enriched values holds: each quote against the place that it names. Pure; `enrich check` reads."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.contracts.lead import Lead, ProviderAnswer
from libs.policy.admit import is_empty

Fields = Mapping[str, JsonValue]
NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class Fault:
    """Evidence that does not hold, or a value without any."""

    lead_id: str
    field: str
    provider: str
    quote: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Places:
    """What evidence can name, as it was read: by lead and field every text that the lead ever held there, by `type/id` every
    version of a record's fields, and directory rows by their place."""

    said: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    records: Mapping[str, Sequence[Fields]] = field(default_factory=dict)
    directory: Mapping[str, Fields] = field(default_factory=dict)


@dataclass(slots=True)
class Checked:
    """Answers by provider, field and outcome; quotes of places that were not read, by their kind; and the faults."""

    leads: int = 0
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    not_read: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)


def checked(versions: Mapping[str, Sequence[Lead]], places: Places) -> Checked:
    """Every version of every lead (by lead id, oldest first). A provider's value counts as answered when any version up to
    the newest carries the answer: a newer answer takes an older one's place, and the value may stay."""
    told = Checked(leads=len(versions))
    for leads in versions.values():
        for answer in leads[-1].answers:
            told.outcomes[answer.provider, answer.field, answer.outcome] += 1
        seen: list[ProviderAnswer] = []
        for lead in leads:
            for answer in (one for one in lead.answers if one not in seen):
                seen.append(answer)
                told.faults += _of_answer(lead.lead_id, answer, places, told.not_read)
        told.faults += _of_fields(leads[-1], seen)
    return told


def _of_answer(lead_id: str, answer: ProviderAnswer, places: Places, not_read: Counter[str]) -> Iterator[Fault]:
    if answer.outcome != "found":
        if not is_empty(answer.value):
            yield _fault(lead_id, answer, None, f"a value though the outcome is {answer.outcome}")
        elif not answer.reason:
            yield _fault(lead_id, answer, None, f"{answer.outcome} without a reason")
        return
    if is_empty(answer.value) or not answer.evidence:
        yield _fault(lead_id, answer, None, "found without a value or without evidence")
    for evidence in answer.evidence:
        flaw = flaw_of(lead_id, evidence, places)
        if flaw == NOT_READ:
            not_read[evidence.where.partition(":")[0]] += 1
        elif flaw:
            yield _fault(lead_id, answer, evidence, flaw)


def _of_fields(lead: Lead, answers: Sequence[ProviderAnswer]) -> Iterator[Fault]:
    for name, held in lead.fields.items():
        if held.source.kind != "provider" or is_empty(held.value):
            continue
        own = [one for one in answers if (one.provider, one.field, one.outcome) == (held.source.name, name, "found")]
        if not any((one.value, one.confidence) == (held.value, held.confidence) for one in own):
            why = "no answer of the provider has this value and confidence" if own else "the provider gave no answer"
            yield Fault(lead.lead_id, name, held.source.name, "", "", why)


def flaw_of(lead_id: str, evidence: Evidence, places: Places) -> str:
    """Why a quote does not hold; empty when it does, NOT_READ for a place that only a fetch could tell."""
    kind, _, rest = evidence.where.partition(":")
    if not evidence.quote.strip():
        return "an empty quote"
    if evidence.where.startswith("lead."):
        name = evidence.where.removeprefix("lead.")
        held = places.said.get((lead_id, name), ())
        return "" if any(evidence.quote in one for one in held) else f"the lead's {name} does not say so"
    if kind == "record":
        return _in_record(evidence.quote, rest, places)
    if kind == "directory":
        return _in_directory(evidence, places)
    return NOT_READ if kind in ("http", "https") else "a place that nobody knows"


def _in_record(quote: str, rest: str, places: Places) -> str:
    """`type/id.field`, or `type/id`, whose open opportunities the quote names: some opportunity has each name."""
    kind, _, named = rest.partition("/")
    ref, dot, name = rest, "", ""
    if rest not in places.records:
        ref, dot, name = rest.rpartition(".")
    if ref not in places.records:
        return f"there is no record {kind}/{named}"
    if dot:
        held = [texts_of(one[name]) for one in places.records[ref] if not is_empty(one.get(name))]
        return "" if any(quote in texts for texts in held) else f"the record's {name} never held it"
    names = {
        text[:200]
        for key, versions in places.records.items()
        if key.startswith("opportunity/")
        for one in versions
        for text in (str(one.get("name") or one.get("stage") or "opportunity"),)
    }
    return "" if quote in names or all(one in names for one in quote.split("; ")) else "no opportunity is called so"


def texts_of(value: JsonValue) -> tuple[str, ...]:
    """A record's value as evidence quotes it: as text, or key by key; its first 200 characters."""
    if isinstance(value, dict):
        return (
            ", ".join(f"{key} {held}" for key, held in value.items())[:200],
            *(str(v)[:200] for v in value.values()),
        )
    return (str(value)[:200],)


def _in_directory(evidence: Evidence, places: Places) -> str:
    where, _, name = evidence.where.rpartition(".")
    if where not in places.directory:
        return "the directory has no such row"
    value = places.directory[where].get(name)
    held = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "" if evidence.quote == held[:500] else f"the row's {name} is another"


def _fault(lead_id: str, answer: ProviderAnswer, evidence: Evidence | None, reason: str) -> Fault:
    quote, where = (evidence.quote, evidence.where) if evidence else ("", "")
    return Fault(lead_id, answer.field, answer.provider, quote, where, reason)
