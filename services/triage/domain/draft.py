"""A follow-up draft: sentences, each with what it stands on. It is shown to whoever has the lead, and never sent by itself."""

from collections.abc import Sequence
from typing import Literal

from libs.contracts.base import Model, PersonalText
from libs.contracts.note import Ground

Role = Literal["greeting", "thanks", "pain", "phrase", "next_step", "closing", "own"]
"""`phrase` is a further sentence that the policy approves, `own` one that a person wrote."""


class Sentence(Model):
    """One sentence and its evidence."""

    role: Role
    text: PersonalText
    grounds: tuple[Ground, ...]


class Draft(Model):
    """One draft. `language` is ISO 639-1; `theirs` says whether the lead writes in it, or it is the policy's fallback."""

    language: str
    theirs: bool
    engine: Literal["template", "model"]
    model: str = ""
    """Which model wrote it."""
    sentences: tuple[Sentence, ...]
    refused: tuple[str, ...] = ()
    """Why a model's draft is not used, where one was asked."""
    warnings: tuple[str, ...] = ()
    """What the checker says of what a person wrote: theirs to decide."""

    own: PersonalText = ""
    """The whole text as a person left it; empty as long as nobody edited it."""

    @property
    def text(self) -> str:
        """The draft as it would be sent."""
        return self.own or joined(self.sentences)


_APART = {"greeting": "\n\n", "closing": "\n\n"}


def joined(sentences: Sequence[Sentence]) -> str:
    """The sentences as one text: greeting and closing on lines of their own."""
    told = ""
    for number, sentence in enumerate(sentences):
        before = sentences[number - 1].role if number else ""
        gap = "" if not number else _APART.get(before) or _APART.get(sentence.role) or " "
        told += gap + sentence.text
    return told


def edited(draft: Draft, text: str, person: str) -> Draft:
    """The draft with a person's text: a sentence of the draft that still stands there keeps its evidence, what is new is
    the person's own."""
    sentences: list[Sentence] = []
    rest = text
    held = [sentence for sentence in draft.sentences if sentence.text]
    while rest:
        places = [(at, one) for one in held if (at := rest.find(one.text)) >= 0]
        at, kept = min(places, key=lambda place: place[0], default=(len(rest), None))
        if own := rest[:at].strip():
            sentences.append(Sentence(role="own", text=own, grounds=(_by(person),)))
        if kept is None:
            break
        sentences.append(kept)
        held.remove(kept)
        rest = rest[at + len(kept.text) :]
    return draft.model_copy(update={"sentences": tuple(sentences), "own": text})


def _by(person: str) -> Ground:
    return Ground(kind="human", name="edit", source=person)
