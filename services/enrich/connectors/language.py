"""Language of the message, offline by py3langid; short or doubtful text gives nothing."""

import re
from collections.abc import Sequence
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from libs.contracts.lead import Lead
from libs.injection.masked import masked
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing

LANGUAGES = (
    *("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "fi"),
    *("cs", "ro", "hu", "tr", "el", "ru", "uk", "ar", "he", "ja", "ko", "zh"),
)
"""ISO 639-1; fewer choices are surer ones on short text."""
READ_CHARACTERS = 1000
SHORTEST_LETTERS = 12
LEAST_PROBABILITY = 0.7
_LETTER = re.compile(r"[^\W\d_]")
_BLANKS = re.compile(r"[ \n]{4,}")
_WHERE = "lead.message"


class Language:
    """Names the message's language when it is long enough to tell."""

    name = "language"
    version = "1"
    fields = ("language",)

    def __init__(self) -> None:
        _identifier()  # a second of reading, paid at the start and not by the first lead

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The beginning of the message, without what talks to a machine: that may be in any language."""
        told = masked(lead.text("message"))
        read = max(_BLANKS.split(told.text), key=len) if told.risks else told.text
        message = " ".join(read[:READ_CHARACTERS].split())
        return {"message": message} if message else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """The language of every message (ISO 639-1)."""
        return [[_finding(question["message"])] for question in questions]


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


def _finding(message: str) -> Finding:
    if len(_LETTER.findall(message)) < SHORTEST_LETTERS:
        return nothing("language", "too short to tell")
    language, probability = _identifier().classify(message)
    if probability < LEAST_PROBABILITY:
        return nothing("language", f"not sure enough ({probability:.2f})")
    quote = message if len(message) <= 120 else message[:120].rsplit(" ", 1)[0]
    return found("language", str(language), min(float(probability), 0.97), quote, _WHERE)
