"""What a follow-up draft may say: the approved sentences of each language, one next step, the tone, words to keep out."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, model_validator

from libs.policy.conditions import Condition, always
from libs.policy.part import Name, Part

UNDER_WORDS = 120
"""A draft has fewer words than this, whatever the policy says."""
QUOTED_WORDS = 24
"""Of the lead's own words at most so many are quoted."""
NAME_WORDS = 4
PAIN = "use_case"
"""The classified field that says what the lead wants to achieve."""
SLOT = re.compile(r"\{([^{}]*)\}")
_SLOTS: Mapping[str, frozenset[str]] = {"greeting": frozenset(("name", "first_name")), "quoted": frozenset(("quote",))}
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_ASKS = re.compile("[?？؟]")
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\n\r<>]+$")]


def word_count(text: str) -> int:
    """How many words a text has. Scripts without blanks count one word for each two letters, rounded up."""
    unspaced = len(_UNSPACED.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + (unspaced + 1) // 2


class NextStep(Part):
    """A next step by its name, taken when its condition holds; each language words it."""

    name: Name
    when: Condition = Field(default_factory=always)


class DraftLanguage(Part):
    """The approved sentences of one language, word for word."""

    tone: str = Field(default="plain, friendly and short", max_length=300)
    """For a model that writes; templates have the tone of their sentences."""
    greeting: Sentence
    """With {name} or {first_name}."""
    greeting_unnamed: Sentence
    thanks: dict[Name, Sentence]
    """By kind of submission; `message` for all others that have words of their own, `interest` for the rest."""
    quoted: Sentence
    """Around {quote}, the lead's own words."""
    pains: dict[Name, Sentence] = {}
    """What the lead wants to achieve, by its label of the use case: said when its own words can't be quoted."""
    next_steps: dict[Name, Sentence]
    closing: Sentence
    phrases: tuple[Sentence, ...] = ()
    """Further sentences that a model may use as they are."""
    avoid: tuple[Annotated[str, Field(min_length=2, max_length=60)], ...] = ()
    """Beginnings of words that no sentence of a model holds: promises, prices, superlatives."""

    @model_validator(mode="after")
    def _fits(self) -> "DraftLanguage":
        for place, text in self._sentences():
            allowed = _SLOTS.get(place, frozenset())
            if unknown := set(SLOT.findall(text)) - allowed:
                raise ValueError(f"{place} has no {{{min(unknown)}}}; it may have {sorted(allowed) or 'none'}")
            asks = len(_ASKS.findall(text))
            if asks > (1 if place.startswith("next_steps.") else 0):
                raise ValueError(f"{place}: only a next step asks, and one thing only")
        if SLOT.findall(self.quoted) != ["quote"]:
            raise ValueError("quoted: the words of the lead stand once, as {quote}")
        if missing := {"message", "interest"} - set(self.thanks):
            raise ValueError(f"thanks.{min(missing)} is missing")
        if (longest := self.longest()) >= UNDER_WORDS:
            raise ValueError(f"the longest draft would have {longest} words: it has to stay under {UNDER_WORDS}")
        return self

    def longest(self) -> int:
        """Words of the longest draft that its sentences make, names and quotes at their longest."""
        said = max(word_count(text) for text in self.pains.values()) if self.pains else 0
        return (
            max(word_count(self.greeting) + NAME_WORDS, word_count(self.greeting_unnamed))
            + max(map(word_count, self.thanks.values()))
            + max(word_count(self.quoted) + QUOTED_WORDS, said)
            + max(map(word_count, self.next_steps.values()), default=0)
            + word_count(self.closing)
        )

    def _sentences(self) -> Iterator[tuple[str, str]]:
        yield "greeting", self.greeting
        yield "greeting_unnamed", self.greeting_unnamed
        yield "quoted", self.quoted
        yield "closing", self.closing
        for group in ("thanks", "pains", "next_steps"):
            for name, text in getattr(self, group).items():
                yield f"{group}.{name}", text
        for index, text in enumerate(self.phrases):
            yield f"phrases.{index}", text


class Drafts(Part):
    """`drafts.yaml`. Without languages no draft is made, and its place says so."""

    max_words: Annotated[int, Field(ge=20, lt=UNDER_WORDS)] = UNDER_WORDS - 1
    fallback: Language = "en"
    """The language of a draft to a lead whose language is not known, or has no sentences here."""
    not_for: tuple[Name, ...] = ("spam", "competitor")
    """Flags of leads that nobody drafts an answer to."""
    next_steps: tuple[NextStep, ...] = ()
    """The first whose condition holds is the one next step."""
    languages: dict[Language, DraftLanguage] = {}

    @model_validator(mode="after")
    def _complete(self) -> "Drafts":
        if not self.languages:
            return self
        if self.fallback not in self.languages:
            raise ValueError(f"fallback: {self.fallback} has no sentences under languages")
        names = [step.name for step in self.next_steps]
        if not names or len(set(names)) != len(names):
            raise ValueError("next_steps: give at least one, each name once")
        for code, language in self.languages.items():
            if lacking := [name for name in names if name not in language.next_steps]:
                raise ValueError(f"languages.{code}.next_steps.{lacking[0]} is missing")
            if (longest := language.longest()) > self.max_words:
                raise ValueError(
                    f"languages.{code}: its longest draft has {longest} words, max_words is {self.max_words}"
                )
        return self


_SAME = {"no": "nb", "nn": "nb"}


def language_of(told: str, drafts: Drafts) -> tuple[str, bool]:
    """The language of a draft to somebody who writes in `told` (ISO 639-1, or longer), and whether it is theirs."""
    code = re.split(r"[-_]", told.strip().lower(), maxsplit=1)[0]
    code = _SAME.get(code, code)
    return (code, True) if code in drafts.languages else (drafts.fallback, False)
