"""The language of a message: by script, by function words and letters, and by a statistical guess where those leave it open.

Short or mixed text gives nothing, with the reason: a name, a product or a greeting is in no language.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from services.enrich.domain import language_tables as known

Guess = Callable[[str, str], tuple[str, float]]
"""Text and script -> the likeliest of that script's languages, with its probability."""
LONGEST_QUOTE = 200
LEAST_SIGNS = 6.0
"""Letters, or what signs are worth in letters (`SIGN_WORTH`), from which on another script tells its language."""
LEAST_LETTERS = 12
LEAST_WITHOUT_WORDS = 30
LEAST_PROBABILITY = 0.7
SURE_PROBABILITY = 0.9
SAYS_SO = 1.4
"""Weight of function words that needs no guess besides."""
SPARE = frozenset(
    ["fi", "hu", "tr", "et", "cs", "sk", "pl", "lt", "lv", "hr", "sl", "ru", "uk", "bg", "sr", "id", "vi"]
)
"""Languages whose endings do the work of function words: a sentence may have none."""
_SENTENCE = re.compile(r"[^.!?…。！？;\n]+[.!?…。！？]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CODE = re.compile(r"\S*(?:://|@|www\.|\w\.\w)\S*")
_SMALL_WORD = re.compile(r"(?<![\w'’])[^\W\d_A-ZÀ-ÖØ-Þ]{4,}(?!\w)")
_LETTER = re.compile(r"[^\W\d_]")
_BEYOND_LATIN = re.compile("[\u0370-\u1dff\u1f00-\u1fff\u3000-\ud7ff\u0e00-\u0eff]")
_SIGNS = {name: re.compile(f"[{signs}]") for name, signs in known.SCRIPTS}


@dataclass(frozen=True, slots=True)
class Reading:
    """A language with one sentence that stands in the message word for word, or why there is none."""

    language: str = ""
    confidence: float = 0.0
    quote: str = ""
    why_not: str = ""


def language_told(text: str, guess: Guess) -> Reading:
    """Reads a text whose lines stand apart from one another."""
    sentences = [one.strip() for one in _SENTENCE.findall(_CODE.sub(_blank, text)) if _LETTER.search(one)]
    if not sentences:
        return Reading(why_not="no words to read")
    counted = _scripts(" ".join(sentences))
    total = sum(counted.values())
    script, worth = max(counted.items(), key=lambda one: one[1], default=("", 0.0))
    if (
        script == "latin"
        and (beyond := max((n for name, n in counted.items() if name != "latin"), default=0)) > total * 0.3
    ):
        script, worth = next(one for one in counted.items() if one[1] == beyond)
    if not total or worth < total * 0.3:
        return Reading(why_not="in several scripts")
    return _of_latin(sentences, guess) if script == "latin" else _of_other(script, sentences, counted, guess)


def _blank(found: re.Match[str]) -> str:
    """Addresses and file names are cut out; what stands around them is quoted apart."""
    return "\n" * len(found[0])


def _scripts(text: str) -> Counter[str]:
    """How many letters each script has, a sign of the East for what it is worth; kanji go with kana."""
    if not _BEYOND_LATIN.search(text):
        return Counter(latin=len(_LETTER.findall(text)))
    counted = Counter({
        name: count * known.SIGN_WORTH.get(name, 1.0) for name, signs in _SIGNS.items() if (count := len(signs.findall(text)))
    })  # fmt: skip
    if counted["kana"] and counted["han"]:
        counted["kana"] += counted.pop("han")
    return +counted


def _of_other(script: str, sentences: Sequence[str], counted: Counter[str], guess: Guess) -> Reading:
    if (counted["latin"] > counted[script] and len(_latin_hits(sentences)) > 1) or _has_other_sentence(
        sentences, script
    ):
        return Reading(why_not="in several languages")
    if counted[script] < LEAST_SIGNS:
        return Reading(why_not="too short to tell")
    text = " ".join(sentences)
    language, confidence = _in_script(script, text, guess)
    if not language:
        return Reading(
            why_not="Chinese signs alone do not tell Chinese from Japanese" if script == "han" else "not sure enough"
        )
    quote = max(sentences, key=lambda one: len(_SIGNS[script].findall(one)))
    return Reading(language, confidence, _cut(quote))


def _has_other_sentence(sentences: Sequence[str], script: str) -> bool:
    """Whether a whole sentence is in Latin letters, function words and all."""
    latin = [one for one in sentences if not _SIGNS[script].search(one)]
    return len(set(_latin_hits(latin))) > 2


def _latin_hits(sentences: Iterable[str]) -> list[str]:
    return [word for one in sentences for word in _WORD.findall(one.lower()) if word.isascii() and word in _WORDS]


def _in_script(script: str, text: str, guess: Guess) -> tuple[str, float]:
    if script in known.ONE_LANGUAGE:
        return known.ONE_LANGUAGE[script], 0.97
    if script == "han":
        return ("zh", 0.95) if not known.CHINESE_WORDS.isdisjoint(text) else ("", 0.0)
    if script == "arabic":
        told = Counter(known.ARABIC_LETTERS[letter] for letter in text if letter in known.ARABIC_LETTERS)
        return (told.most_common(1)[0][0], 0.9) if told else ("ar", 0.95)
    if not known.FOREIGN_CYRILLIC.isdisjoint(text.lower()):
        return "", 0.0
    return _by_words_or_guess(text, "cyrillic", _weighed(text), guess)[:2]


def _of_latin(sentences: Sequence[str], guess: Guess) -> Reading:
    text = " ".join(sentences)
    weighed = [(sentence, _weighed(sentence)) for sentence in sentences]
    if mixed := _mixed(weighed):
        return Reading(why_not=f"in several languages: {mixed}")
    weights = _weighed(text) if len(weighed) > 1 else weighed[0][1]
    language, confidence, why_not = _by_words_or_guess(text, "latin", weights, guess)
    if not language:
        return Reading(why_not=why_not)
    quote = max(weighed, key=lambda one: (one[1].get(language, 0.0), -len(one[0])))[0]
    return Reading(language, confidence, _cut(quote))


def _mixed(weighed: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    """The two languages that most sentences are in, when both are much of the text."""
    letters: Counter[str] = Counter()
    for sentence, weights in weighed if len(weighed) > 1 else ():
        if language := _clear(weights, 1.8, 1.0):
            letters[language] += len(sentence)
    if len(letters) < 2:
        return ""
    (first, _), (second, length) = letters.most_common(2)
    return f"{first} and {second}" if length > 15 and length > 0.3 * sum(letters.values()) else ""


def _by_words_or_guess(text: str, script: str, weights: Mapping[str, float], guess: Guess) -> tuple[str, float, str]:
    """Language and confidence, or why not: function words first, the guess where they leave it open."""
    told, weight = _clear(weights), max(weights.values(), default=0.0)
    if told and weight >= SAYS_SO:
        return told, min(0.97, 0.8 + weight / 20), ""
    letters = len(_LETTER.findall(text))
    if letters < LEAST_LETTERS:
        return "", 0.0, "too short to tell"
    language, probability = guess(text, script)
    supported = weights.get(language, 0.0)
    if (told and told != language and weight - supported > 0.8) or probability < LEAST_PROBABILITY:
        return "", 0.0, f"not sure enough ({probability:.2f})"
    if supported >= 0.5 and supported >= weight - 0.5:
        return language, min(probability, 0.9), ""
    sentence = language in SPARE or len(_SMALL_WORD.findall(text)) >= 3  # a list of names and products has none
    if sentence and letters >= LEAST_WITHOUT_WORDS and probability >= SURE_PROBABILITY and supported >= weight - 0.8:
        return language, 0.85, ""
    return "", 0.0, "no function words tell the language"


def _clear(weights: Mapping[str, float], least: float = 0.9, before: float = 0.4) -> str:
    """The language that function words and letters speak for, so far before any other; empty when there is none."""
    best, second = ([*sorted(weights.items(), key=lambda one: -one[1])[:2], ("", 0.0), ("", 0.0)])[:2]
    return best[0] if best[1] >= least and best[1] - second[1] >= before else ""


def _weighed(text: str) -> dict[str, float]:
    """What each language's function words and letters weigh in a text; what many languages share weighs less in each."""
    weights: dict[str, float] = {}
    lower = text.lower()
    told = [_WORDS.get(word, ()) for word in set(_WORD.findall(lower))]
    if not lower.isascii():
        told += [_LETTERS.get(letter, ()) for letter in set(lower)]
    for languages in told:
        for language, weight in languages:
            weights[language] = weights.get(language, 0.0) + weight
    return weights


def _cut(sentence: str) -> str:
    """At most `LONGEST_QUOTE` characters of a sentence, whole words where it has spaces."""
    if len(sentence) <= LONGEST_QUOTE:
        return sentence
    return sentence[:LONGEST_QUOTE].rsplit(None, 1)[0]


def _shared(table: Mapping[str, str], full: float) -> dict[str, tuple[tuple[str, float], ...]]:
    """By word or letter: each of its languages with its weight."""
    return {
        one: tuple((language, full * (0.3 if len(one) == 1 and full == 1 else 1) / sqrt(len(languages.split())))
                   for language in languages.split())
        for one, languages in table.items()
    }  # fmt: skip


def _by_word() -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for language, words in known.FUNCTION_WORDS.items():
        for word in dict.fromkeys(words.split()):
            found.setdefault(word, []).append(language)
    return {word: " ".join(languages) for word, languages in found.items()}


_WORDS = _shared(_by_word(), 1)
_LETTERS = _shared({**known.LETTERS, **known.CYRILLIC_LETTERS, "ъ": "bg bg"}, 0.9)
