"""What is known while a batch is decided: gathered once, and moved on by each outcome."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from libs.policy.matching import Matching
from libs.policy.suppression import has_ended
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.records import Company, Contact, Delta, LeadRow, Pair, Related


@dataclass(frozen=True, slots=True)
class CompanyAsked:
    """What a lead says about its company, and the blocking keys that this comes to: says which companies found are read."""

    blocks: frozenset[int]
    keys: tuple[str, ...]
    letters: str
    """What may be another name's first letters; empty for none."""
    acronyms: frozenset[str]
    label: str
    """The own name of the e-mail's domain, without spaces."""
    review_at: float
    """Similarity (0-1) from which names count as similar; 0: whatever a key finds is read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch needs to know: the exact keys are also what it locks."""

    leads: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    """Exact and blocking keys of people, and domains."""
    blocks: frozenset[tuple[str, int]] = frozenset()
    """Blocking keys of company names, each with the domain key that makes it needless when one company has it; or ""."""
    subjects: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    cut: frozenset[str] = frozenset()
    """Contacts whose leads have to be known, since a link to them may be cut."""
    companies: frozenset[CompanyAsked] = frozenset()
    """What stands behind `blocks`. Everything behind a key that is not of one of these is read."""

    @staticmethod
    def all_of(parts: Iterable["Wanted"]) -> "Wanted":
        """The union."""
        held = tuple(parts)
        return Wanted(
            frozenset().union(*(part.leads for part in held)),
            frozenset().union(*(part.keys for part in held)),
            frozenset().union(*(part.blocks for part in held)),
            frozenset().union(*(part.subjects for part in held)),
            frozenset().union(*(part.records for part in held)),
            frozenset().union(*(part.cut for part in held)),
            frozenset().union(*(part.companies for part in held)),
        )


def needed_blocks(wanted: Wanted, by_domain: Mapping[str, set[str]], apart: frozenset[str]) -> frozenset[int]:
    """The blocking keys that have to be looked up: not those of leads whose domain names one company already."""
    named = {key for key, companies in by_domain.items() if len(companies) == 1 and not companies & apart}
    return frozenset(block for key, block in wanted.blocks if key not in named)


def related_keys(wanted: Wanted, known: "Known") -> frozenset[str]:
    """Under what opportunities, activity and suppression entries are looked up: the records found, and all their domains."""
    domains = {key for key in wanted.keys if key.startswith("domain:")}
    domains.update(f"domain:{one}" for company in known.companies.values() for one in company.all_domains())
    return frozenset(domains.union(f"record:{one}" for one in (*known.contacts, *known.companies)))


@dataclass(slots=True)
class Known:
    """The part of the index that a batch asked for. `apply` changes it in place: it belongs to one batch alone."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    blocks: dict[int, set[str]] = field(default_factory=dict)
    leads: dict[str, LeadRow] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Pair] = field(default_factory=dict)
    policies: Mapping[str, Matching] = field(default_factory=dict)
    related: dict[str, Related] = field(default_factory=dict)
    """Opportunities, activity and suppression entries about these records and domains, by their own id."""
    linked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By contact: the leads that are linked to it, for those that a command may part."""
    others: dict[str, LeadRow] = field(default_factory=dict)
    """The rows of those leads, not locked."""

    def with_policies(self, policies: Mapping[str, Matching]) -> "Known":
        """The same, with the matching rules of the batch's policies by hash."""
        return replace(self, policies=policies)

    def at(self, now: datetime) -> "Known":
        """The same as it counts at a time: without the suppression entries that have ended by then."""
        ended = [name for name, one in self.related.items() if has_ended(one.until, now)]
        if not ended:
            return self
        return replace(self, related={name: one for name, one in self.related.items() if name not in ended})

    def contacts_by(self, keys: Iterable[str]) -> list[Contact]:
        """The contacts behind any of these keys, by id; keys that too many share find nobody."""
        found = {one for key in keys for one in self._few(self.keys.get(key))}
        return [self.contacts[one] for one in sorted(found) if one in self.contacts]

    def companies_by_domain(self, domain: str) -> list[Company]:
        """The companies that have this domain, by id."""
        return [self.companies[one] for one in sorted(self.keys.get(f"domain:{domain}", ())) if one in self.companies]

    def companies_redirecting(self, domain: str) -> list[Company]:
        """The companies whose site was seen to lead to this domain, by id."""
        found = sorted(self.keys.get(f"redirect:{domain}", ()))
        return [self.companies[one] for one in found if one in self.companies]

    def companies_called(self, keys: Iterable[str]) -> list[Company]:
        """The companies of exactly one of these names (`company_key`), by id; a name that too many have finds none."""
        found = {one for key in keys for one in self._few(self.keys.get(f"called:{key}"))}
        return [self.companies[one] for one in sorted(found) if one in self.companies]

    def companies_by_block(self, blocks: Iterable[int]) -> list[Company]:
        """The companies that share a blocking key and were worth reading, by id."""
        found = {one for block in blocks for one in self.few(block)}
        return [self.companies[one] for one in sorted(found) if one in self.companies]

    def few(self, block: int) -> set[str]:
        """The ids of the companies behind a blocking key, whether they were read or not; none when too many share it."""
        return self._few(self.blocks.get(block))

    def pair(self, subjects: Iterable[str], record_id: str) -> Pair | None:
        """What a person decided about one of the subjects and a record; the first subject counts most."""
        return next((pair for one in subjects if (pair := self.pairs.get((one, record_id)))), None)

    def verdict(self, subjects: Iterable[str], record_id: str) -> str | None:
        """What a person decided about one of the subjects and a record: "same" or "apart"."""
        pair = self.pair(subjects, record_id)
        return None if pair is None else pair.verdict

    def apply(self, delta: Delta) -> "Known":
        """What is known after an outcome."""
        for record_id in delta.gone:
            self._forget(record_id)
        for contact in delta.contacts:
            self._forget(contact.contact_id)
            self.contacts[contact.contact_id] = contact
            for key in contact.all_keys():
                self.keys.setdefault(key, set()).add(contact.contact_id)
        for company in delta.companies:
            self._learn(company)
        if delta.lead is not None:
            self.leads[delta.lead.lead_id] = delta.lead
        for pair in delta.pairs:
            self.pairs[pair.subject, pair.record_id] = pair
        for taken in delta.unpaired:
            self.pairs.pop(taken, None)
        for one in delta.related:
            self.related[one.record_id] = one
        return self

    def after(self, delta: Delta) -> "Known":
        """What is known after an outcome, and this unchanged."""
        copy = replace(
            self,
            contacts=dict(self.contacts),
            companies=dict(self.companies),
            keys={key: set(found) for key, found in self.keys.items()},
            blocks={key: set(found) for key, found in self.blocks.items()} if delta.companies else self.blocks,
            leads=dict(self.leads),
            pairs=dict(self.pairs),
            related=dict(self.related),
        )
        return copy.apply(delta)

    def _learn(self, company: Company) -> None:
        self._forget(company.company_id)
        self.companies[company.company_id] = company
        for key in company.all_keys():
            self.keys.setdefault(key, set()).add(company.company_id)
        for block in company.blocks():
            self.blocks.setdefault(block, set()).add(company.company_id)

    def _forget(self, record_id: str) -> None:
        if (contact := self.contacts.pop(record_id, None)) is not None:
            for key in contact.all_keys():
                self.keys.get(key, set()).discard(record_id)
        if (company := self.companies.pop(record_id, None)) is not None:
            for key in company.all_keys():
                self.keys.get(key, set()).discard(record_id)
            for block in company.blocks():
                self.blocks.get(block, set()).discard(record_id)

    @staticmethod
    def _few(ids: set[str] | None) -> set[str]:
        return set() if ids is None or len(ids) > MAX_COMMON else ids
