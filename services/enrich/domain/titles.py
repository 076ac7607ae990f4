"""Job titles -> seniority and function. What no pattern knows stays unknown."""

import unicodedata

from services.enrich.domain.job_functions import FUNCTION
from services.enrich.domain.seniorities import SENIORITY
from services.enrich.domain.title_words import Pattern


def normal_title(title: str) -> str:
    """In small letters without accents, with single blanks."""
    plain = unicodedata.normalize("NFKD", title.casefold().replace("ß", "ss"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())[:200]


def seniority_of(title: str) -> str | None:
    """founder, c_level, vp, director, head, lead, manager, specialist, assistant or intern; None when not known."""
    return _first(SENIORITY, title)


def function_of(title: str) -> str | None:
    """support, marketing, ops, sales, technical, finance, hr, procurement, legal or general; None when not known."""
    return _first(FUNCTION, title)


def _first(table: tuple[tuple[str, Pattern], ...], title: str) -> str | None:
    normal = normal_title(title)
    return next((label for label, pattern in table if pattern.search(normal)), None)
