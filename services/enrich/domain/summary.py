"""The account in short sentences, each with where it stands: what is known of the company apart from what the lead claims.

Nothing is concluded: a sentence says one value, and a value without evidence has no sentence.
"""

from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.change import Evidence
from libs.contracts.lead import Lead, ProviderAnswer, Statement
from libs.policy.admit import is_empty
from services.enrich.domain.own_words import first_own_words

LONGEST = 240
Sentence = Callable[[str], str]
_COMPANY: Mapping[str, Sentence] = {
    "description": lambda value: f"Describes itself as “{value}”",
    "industry": lambda value: f"Industry: {value.replace('_', ' ')}",
    "employees": lambda value: f"About {value} people",
    "revenue_band": lambda value: f"Revenue: {value}",
    "country": lambda value: f"Country: {value}",
    "city": lambda value: f"Seat: {value}",
    "tech_stack": lambda value: f"Uses {value}",
    "customer_status": lambda value: f"In the CRM as {value}",
    "owner": lambda value: f"Owned by {value}",
    "owner_note": lambda value: f"The owner's note: “{value}”",
    "open_opportunities": lambda value: f"Open opportunities: {value}",
    "last_activity_at": lambda value: f"Last active {value[:10]}",
    "social_links": lambda value: f"On the web: {value}",
}
_OF_ADDRESS = frozenset(("email", "phone"))
"""Providers that read the lead's own address and number: what they say is no fact about the company."""
_CLAIMED: Mapping[str, Sentence] = {
    "company": lambda value: f"Writes for {value}",
    "title": lambda value: f"Writes as {value}",
    "employees": lambda value: f"Says that they are {value} people",
    "industry": lambda value: f"Says that they work in {value}",
    "timeline": lambda value: f"Names as time: {value}",
    "budget": lambda value: f"Names as budget: {value}",
    "message": lambda value: f"Writes: “{value}”",
}


def summary_of(lead: Lead, answers: tuple[ProviderAnswer, ...]) -> tuple[Statement, ...]:
    """The sentences, company facts first; providers that disagree have a sentence each."""
    return (*_company(answers), *_claimed(lead))


def _company(answers: tuple[ProviderAnswer, ...]) -> Iterator[Statement]:
    told: set[str] = set()
    for field, sentence in _COMPANY.items():
        for answer in answers:
            if (
                answer.field != field
                or answer.outcome != "found"
                or not answer.evidence
                or answer.provider in _OF_ADDRESS
            ):
                continue
            text = sentence(_shown(answer.value))[:LONGEST]
            if text not in told:
                told.add(text)
                yield Statement(kind="company", text=text, evidence=answer.evidence)


def _claimed(lead: Lead) -> Iterator[Statement]:
    for field, sentence in _CLAIMED.items():
        held = lead.fields.get(field)
        if held is None or is_empty(held.value) or held.source.kind != "submission":
            continue
        quote = _first_words(first_own_words(_shown(held.value)))
        if not quote:
            continue
        yield Statement(
            kind="claimed", text=sentence(quote)[:LONGEST], evidence=(Evidence(quote=quote, where=f"lead.{field}"),)
        )


def _first_words(text: str, longest: int = 160) -> str:
    """The text up to its first end of a sentence, as it stands."""
    ends = [at + 1 for mark in (". ", "! ", "? ", "\n") if (at := text.find(mark)) >= 0]
    short = text[: min(ends, default=len(text))].strip()
    return short if len(short) <= longest else short[:longest].rsplit(" ", 1)[0]


def _shown(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
