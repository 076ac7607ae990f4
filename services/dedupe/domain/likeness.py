"""Which of the companies that blocking keys find are worth reading: most share a key and are nothing alike.

In a large base a lead's blocking keys find dozens of companies, and normalising a company's names anew costs more than all
else in a decision. So their keys are kept beside the blocking keys, and this is asked of them first. It lets through all
that `which_company` would call similar: that rule decides, this one only saves reading (a property test holds it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from libs.identity.companies import acronyms_of, company_key
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.comparison import company_similarity
from services.dedupe.domain.known import CompanyAsked
from services.dedupe.domain.records import Company, label_key


@dataclass(frozen=True, slots=True)
class CompanyTexts:
    """A company's names as `company_key`s, their first letters, and its domains' own names without spaces; sorted."""

    names: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def company_texts(company: Company) -> CompanyTexts:
    """What is kept of a company."""
    names = company.all_names()
    return CompanyTexts(
        _sorted(company_key(name) for name in names),
        _sorted(letters for name in names for letters in acronyms_of(name)),
        _sorted(label_key(domain).replace(" ", "") for domain in company.all_domains()),
    )


def may_be(asked: CompanyAsked, texts: CompanyTexts) -> bool:
    """False when a company is surely not similar to what a lead says: not by a name, first letters or a domain's name."""
    if asked.letters in texts.letters or any(name.partition(" ")[0] in asked.acronyms for name in texts.names):
        return True
    if asked.label and (
        asked.label in texts.labels or any(asked.label == name.replace(" ", "") for name in texts.names)
    ):
        return True
    return any(company_similarity(ours, theirs) >= asked.review_at for ours in asked.keys for theirs in texts.names)


def worth_reading(
    asked: Iterable[CompanyAsked], blocks: Mapping[int, set[str]], texts: Mapping[str, CompanyTexts | None]
) -> set[str]:
    """The ids of the companies to read, of those found by blocking key: what nothing is kept of, and what may be similar to
    the lead whose key found it. All that is behind keys of which no lead says more."""
    telling = {block: ids for block, ids in blocks.items() if len(ids) <= MAX_COMMON}
    leads = list(asked)
    said = frozenset[int]().union(*(one.blocks for one in leads))
    read = set[str]().union(*(ids for block, ids in telling.items() if block not in said))
    for one in leads:
        found = set[str]().union(*(telling[block] for block in one.blocks if block in telling))
        read.update(each for each in found - read if (held := texts.get(each)) is None or may_be(one, held))
    return read


def _sorted(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({one for one in found if one}))
