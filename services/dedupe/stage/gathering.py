"""What all stages of dedupe need to know, gathered once for a batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from libs.contracts.lead import Lead
from libs.policy.matching import Matching
from libs.runtime.errors import Retryable
from libs.runtime.policies import PolicyVersions
from services.dedupe.domain.known import Known, Wanted
from services.dedupe.domain.person import lead_person
from services.dedupe.domain.records import Delta, Edit, LeadRow


class Index(Protocol):
    """Where people, companies, leads and decisions are kept; used inside the batch's database transaction."""

    async def rows(self, lead_ids: Iterable[str]) -> Mapping[str, LeadRow]:
        """The leads' rows, not locked."""
        ...

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted, with its exact keys and rows locked until the transaction ends."""
        ...

    async def save(self, deltas: Sequence[Delta]) -> None:
        """Store what the outcomes of a batch change, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One input of a batch: the lead's facts as the input has them, what it edits, records it names.

    `stored`: the facts may also be those that dedupe let out last.
    """

    lead_id: str
    lead: Lead | None = None
    stored: bool = False
    edits: tuple[Edit, ...] = ()
    records: tuple[str, ...] = ()
    cuts: str = ""
    """A contact that the lead may be parted from."""


async def gathered(index: Index, policies: PolicyVersions, asks: Sequence[Ask]) -> Known:
    """What is known for all asks. Raises Retryable when a policy is unknown here, or a lead moved while it was read."""
    rows = await index.rows({ask.lead_id for ask in asks})
    seen: dict[str, list[Lead]] = defaultdict(list)
    edits: dict[str, dict[str, object]] = {}
    matching: dict[str, Matching] = {}
    parts: list[Wanted] = []
    by_domain = not any(ask.stored for ask in asks)  # a person's decision may cut the company that a domain names
    for ask in asks:
        row = rows.get(ask.lead_id)
        if ask.lead_id not in edits:
            edits[ask.lead_id] = {edit.field: edit.value for edit in (row.edits if row else ())}
            seen[ask.lead_id] += [stored_lead(row)] if row and ask.stored else []
        edits[ask.lead_id].update({edit.field: edit.value for edit in ask.edits})
        seen[ask.lead_id] += [ask.lead] if ask.lead else []
        held = frozenset((row.contact_id, row.company_id or "")) if row else frozenset[str]()
        cut = frozenset((ask.cuts,)) - {""}
        parts.append(Wanted(leads=frozenset((ask.lead_id,)), records=held | frozenset(ask.records), cut=cut))
        parts += [_wanted(lead, edits[ask.lead_id], matching, policies, by_domain) for lead in seen[ask.lead_id]]
    known = await index.known(Wanted.all_of(parts))
    _unmoved(rows, known)
    if known.linked:
        known.others = dict(await index.rows({lead for leads in known.linked.values() for lead in leads}))
    return known.with_policies(matching)


def _wanted(
    lead: Lead, edits: Mapping[str, object], matching: dict[str, Matching], policies: PolicyVersions, by_domain: bool
) -> Wanted:
    if lead.policy_hash not in matching:
        matching[lead.policy_hash] = policies.by_hash(lead.policy_hash).matching
    rules = matching[lead.policy_hash]
    person = lead_person(lead, edits, rules)  # type: ignore[arg-type]
    named = by_domain and rules.company_by_domain == "corporate_unique"
    return person.wanted(named, rules.company_name_review_at)


def _unmoved(rows: Mapping[str, LeadRow], known: Known) -> None:
    """The keys were taken from rows read without a lock: they count only if the locked rows are the same."""
    for lead_id, row in known.leads.items():
        if lead_id not in rows or rows[lead_id].version != row.version:
            raise Retryable("a lead moved while its keys were read")


def stored_lead(row: LeadRow) -> Lead:
    """The lead as dedupe let it out last."""
    return Lead.model_validate_json(row.lead)


def applied(known: Known, state: object) -> Known:
    """What the next input of the batch sees."""
    return known.apply(state) if isinstance(state, Delta) else known


def deltas_of(states: Iterable[object]) -> list[Delta]:
    """What has to be stored."""
    return [state for state in states if isinstance(state, Delta)]
