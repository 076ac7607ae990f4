"""Views of a message in which a disguised order stands in plain letters, each with the way back to the message's places."""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһӏԛԝвкмнтгзьпиαβεγηικμνορτυχωωЅІЈАВЕКМНОРСТУХոսօրյѵ",
    "aeopcyxijsdhlqwbkmhtr3bnuabeynikmvoptyxwwsijabekmhopctyxnsorjv",
)
_LEET = str.maketrans("013457@$!|€", "oieastasiie")
_LEET_WORD = re.compile(r"(?<![^\W_])[^\W_]{0,30}(?:[^\W\d_][0-9@$!|€]|[0-9@$!|€][^\W\d_])[^\s,.;:?)]{0,40}")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ \t.\-_*·/|~+]{1,3}[^\W_]){5,}(?![^\W_])")
_SPACED_WORDS = re.compile(r"(?<![^\W_])[^\W_](?:[ ,.]{1,4}[^\W_](?![^\W_])){7,}")
_LATIN = re.compile(r"[a-z]")
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|[a-z]{2,8});")
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class View:
    """A text to look into; `places[i]` is where its i-th character stands in the message."""

    text: str
    places: Sequence[int]
    disguise: str = ""
    """How an order was disguised when it is found in this view only."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The message's place of `text[start:end]`, which is not empty."""
        return self.places[start], self.places[end - 1] + 1


def listed(words: str) -> list[str]:
    """The words of a table of words."""
    return words.split()


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    """Without case, accents, width and font; empty for what cannot be seen."""
    if unicodedata.category(letter) in ("Cf", "Cc") and letter not in "\n\t\r":
        return ""
    if letter in "\r\v\f\x85\u2028\u2029":
        return "\n"
    if "\uac00" <= letter <= "\ud7af":
        return letter  # a syllable, which would fall apart into its letters
    plain = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in plain if not unicodedata.combining(part)).casefold()


@lru_cache(maxsize=20_000)
def folded_word(word: str) -> str:
    """A word as it stands in a folded view."""
    return "".join(map(_folded, word))


def plain_view(message: str) -> View:
    """The message without case, accents and invisible characters."""
    if message.isascii() and message.isprintable():
        return View(message.lower(), range(len(message)))
    letters: list[str] = []
    places: list[int] = []
    for at, letter in enumerate(message):
        folded = _folded(letter)
        letters.append(folded)
        places.extend([at] * len(folded))
    return View("".join(letters), places)


def disguised_views(plain: View) -> Iterator[View]:
    """Further views, only where the message has something of the kind: look-alike letters, digits for letters."""
    if not plain.text.isascii() and _LATIN.search(plain.text):
        mixed = _mixed_words_undone(plain.text)
        if mixed != plain.text:
            yield View(mixed, plain.places, "look-alike letters")
    for view in (entities_undone(plain), letters_joined(plain)):
        if view is not None:
            yield view
    undone = _LEET_WORD.sub(lambda word: _unleeted(word.group()), plain.text)
    if undone != plain.text:
        yield View(undone, plain.places, "digits for letters")


def entities_undone(plain: View) -> View | None:
    """The view with HTML's entities as the letters that they are; None when it has none. A letter that needs no entity and has
    one was meant to be overlooked."""
    if "&" not in plain.text or not _ENTITY.search(plain.text):
        return None
    letters: list[str] = []
    places: list[int] = []
    done = 0
    for entity in _ENTITY.finditer(plain.text):
        meant = "".join(map(_folded, html.unescape(entity.group())))
        letters += [*plain.text[done : entity.start()], *meant]
        places += [*plain.places[done : entity.start()], *([plain.places[entity.start()]] * len(meant))]
        done = entity.end()
    return View("".join(letters) + plain.text[done:], [*places, *plain.places[done:]], "entities")


def letters_joined(plain: View) -> View | None:
    """The view with words that are written letter by letter as words; None when it has none, or when it does not show where one
    ends."""
    letters: list[str] = []
    places: list[int] = []
    done = 0
    for run in _SPACED_WORDS.finditer(plain.text):
        kept = [at for at in range(*run.span()) if plain.text[at] != " " or plain.text[at - 1] == " "]
        letters += [*plain.text[done : run.start()], *(plain.text[at] for at in kept)]
        places += [*plain.places[done : run.start()], *(plain.places[at] for at in kept)]
        done = run.end()
    if not done:
        return None
    return View("".join(letters) + plain.text[done:], [*places, *plain.places[done:]], "letter by letter")


def _mixed_words_undone(text: str) -> str:
    """Words with letters of two alphabets, or wholly of look-alikes among Latin ones, in Latin letters."""

    def undone(word: re.Match[str]) -> str:
        held = word.group()
        latin = held.translate(_LOOKALIKES)
        return latin if not held.isascii() and latin.isascii() else held

    return _WORDS.sub(undone, text)


def _unleeted(word: str) -> str:
    letters = sum(letter.isalpha() for letter in word)
    return word.translate(_LEET) if letters >= 2 else word


def spaced_runs(plain: View) -> Iterator[tuple[str, int, int]]:
    """Words written letter by letter, joined, with their place in the view."""
    for run in _SPACED.finditer(plain.text):
        yield "".join(letter for letter in run.group() if letter.isalpha()), run.start(), run.end()
