"""Headings of a table as people write them, and columns as a spreadsheet names them."""

import re

from libs.identity.names import words_of
from libs.identity.scripts import plain


def spelled(heading: str) -> str:
    """A heading in the spelling of the table: words without case, accents and punctuation."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(words_of(plain(apart.replace("_", " "))))


def letters(place: int) -> str:
    """A column's name in a spreadsheet: A, B, …, Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
