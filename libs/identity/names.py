"""Words and names of people in the one spelling that keys and comparisons use."""

import re
from functools import lru_cache

from libs.identity.nicknames import block_word, one_spelling
from libs.identity.scripts import plain, without_umlauts
from libs.identity.words import word_set

_WORDS = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"(?<=\w)['’`´ʼ](?=\w)")
_TITLES = word_set(
    """
    mr mrs ms miss mx dr prof professor herr frau mme mlle monsieur madame sir madam sr sra srta dott dottssa ing mag
    dipl phd mba msc bsc llm md esq jr iii mgr bc inz dra doc cpa dds rev hon
    """
)
_PARTICLES = word_set(
    """
    van von vom der den de del della dello di da do dos das du des la le les los zu zum zur af av ter ten te bin ibn
    bint ben y e i
    """
)
"""Words between names that people write or leave out ("von", "de la"); first or last they are names ("Ben", "Le", "Do")."""
_JOINED_TO_NEXT = word_set("o mc mac al el abd abdul")
"""Words that belong to the next one, written apart or not ("O Neil", "Al Farsi")."""
_SAYS_NOBODY = word_set(
    "test tester testing asdf asdfasdf asdfgh asd qwe qwerty qwertz foo bar xxx aaa abc none null anonymous"
)
"""What is typed into a field that must not be empty; a name of nothing else is no name."""
_ENDINGS = ("a", "e", "ia", "ina", "ine", "in", "ette", "na", "ne", "s", "ka")


def words_of(text: str) -> list[str]:
    """The words of a `plain` text, without punctuation."""
    return _WORDS.findall(text)


@lru_cache(maxsize=65_536)
def name_words(text: str) -> tuple[str, ...]:
    """The words of a person's name in the order of speech, given name first as far as a comma tells: Latin letters, no
    titles, no particles, each word in its one spelling."""
    last, comma, first = text.partition(",")
    spoken = f"{first} {last}" if comma and not _only_titles(first) else text
    words = [word for word in words_of(without_umlauts(plain(_APOSTROPHES.sub("", spoken)))) if word not in _TITLES]
    joined = list(_joined(words))
    last_at = len(joined) - 1
    bare = [word for at, word in enumerate(joined) if at in (0, last_at) or word not in _PARTICLES]
    return () if _SAYS_NOBODY.issuperset(bare) else tuple(map(one_spelling, bare))


def _only_titles(text: str) -> bool:
    """Whether what follows a comma is no name: "Sophie Hall, MBA"."""
    return all(word in _TITLES for word in words_of(plain(text).replace(".", "")))


def _joined(words: list[str]) -> list[str]:
    found: list[str] = []
    held = ""
    for at, word in enumerate(words):
        if word in _JOINED_TO_NEXT and at + 1 < len(words):
            held += word
            continue
        found.append(held + word)
        held = ""
    return found


def name_key(*parts: str) -> str:
    """A person's name without order, titles, particles, script, case or accents; empty when nothing is left."""
    return " ".join(sorted(name_words(" ".join(parts))))


def name_block(name: str) -> str:
    """A coarser key of a name: short forms and spellings fall together. It says where to look, never who it is."""
    return " ".join(sorted(block_word(word) for word in name_words(name)))


def short_block(name: str) -> str:
    """A still coarser one: the family name and the given name's first letter, second given names aside, so that a typo or
    an initial in the given name still says where to look. Empty for a name of one word."""
    words = name_words(name)
    return f"{words[0][0]} {block_word(words[-1])}" if len(words) > 1 else ""


def given_name(name: str) -> str:
    """The word of a name that is most likely the given one; empty when there is no name."""
    words = name_words(name)
    return words[0] if words else ""


def other_given_name(ours: str, theirs: str) -> bool:
    """True when two names look alike and are those of two people: "Maria" and "Mario", "Martin" and "Martina", of one family.

    A typo makes such pairs seldom, a couple with one mailbox often.
    """
    mine, yours = given_name(ours), given_name(theirs)
    if mine == yours or len(mine) < 3 or len(yours) < 3 or block_word(mine) == block_word(yours):
        return False
    short, long = sorted((mine, yours), key=len)
    if long.startswith(short):
        return long[len(short) :] in _ENDINGS
    return len(short) == len(long) and short[:-1] == long[:-1] and {short[-1], long[-1]} <= set("aeiou")
