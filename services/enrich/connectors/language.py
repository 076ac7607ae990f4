"""Language of the message, offline: by script and function words (`domain/languages.py`), else by py3langid."""

import copy
from collections.abc import Mapping, Sequence
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.languages import language_told
from services.enrich.domain.own_words import own_words

GUESSED: Mapping[str, tuple[str, ...]] = {
    "latin": (
        *("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "fi", "cs", "sk", "ro", "hu", "tr"),
        *("hr", "sl", "et", "lt", "lv", "ca", "vi", "id"),
    ),
    "cyrillic": ("ru", "uk", "bg", "sr"),
}
"""ISO 639-1, by script; fewer choices are surer ones on short text."""
READ_CHARACTERS = 1000
_WHERE = "lead.message"


class Language:
    """Names the message's language when it is long enough to tell."""

    name = "language"
    version = "2"
    fields = ("language",)

    def __init__(self) -> None:
        _identifiers()  # a second of reading, paid at the start and not by the first lead

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The beginning of the message, without what talks to a machine: that may be in any language."""
        message = own_words(lead.text("message"))[:READ_CHARACTERS].strip()
        return {"message": message} if message else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """The language of every message (ISO 639-1)."""
        return [[_finding(question["message"])] for question in questions]


@cache
def _identifiers() -> Mapping[str, LanguageIdentifier]:
    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifiers = {script: copy.copy(whole) for script in GUESSED}
    for script, identifier in identifiers.items():
        identifier.set_languages(list(GUESSED[script]))
    return identifiers


def _guess(text: str, script: str) -> tuple[str, float]:
    language, probability = _identifiers()[script].classify(text)
    return str(language), float(probability)


def _finding(message: str) -> Finding:
    read = language_told(message, _guess)
    if not read.language:
        return nothing("language", read.why_not)
    return found("language", read.language, read.confidence, read.quote, _WHERE)
