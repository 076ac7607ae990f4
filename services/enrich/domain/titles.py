"""Job titles -> seniority and function, in sixteen languages. What no table knows stays unknown."""

import re
from functools import lru_cache

from services.enrich.domain.title_tables import FUNCTIONS, SENIORITIES
from services.enrich.domain.title_words import Tokens, first_of, tokens_of

RANKS = ("founder", "c_level", "vp", "director", "head", "lead", "manager", "assistant", "specialist")
"""From the highest. An assistant manager is a manager; a sales assistant is an assistant."""
NEVER_BOSSES = {"intern": "intern", "aide": "assistant"}
"""Who is no boss, whoever else the title names: an intern, and an assistant to somebody."""
DEPUTY = {"c_level": "vp", "director": "head", "head": "lead"}
"""A deputy stands one step below whom they stand in for."""
_PARTS = re.compile(r"[|;•,\n]")


def seniority_of(title: str) -> str | None:
    """founder, c_level, vp, director, head, lead, manager, specialist, assistant or intern; None when not known. Of two
    titles the higher one counts."""
    labels = [label for part in _held_now(title) for label in SENIORITIES.labels(part)]
    lowly = first_of(labels, NEVER_BOSSES)
    if lowly is not None:
        return NEVER_BOSSES[lowly]
    rank = first_of(labels, RANKS)
    return DEPUTY.get(rank, rank) if rank is not None and "deputy" in labels else rank


def function_of(title: str) -> str | None:
    """support, marketing, ops, sales, technical, finance, hr, procurement, legal or general; None when not known.

    The first one named. Founders, owners and managing directors answer for all of it, `general`, unless another one is named.
    """
    labels = [label for part in _held_now(title) for label in FUNCTIONS.labels(part)]
    named = next((label for label in labels if label not in ("all", "none")), None)
    return named or ("general" if "all" in labels else None)


@lru_cache(maxsize=8_192)
def _held_now(title: str) -> tuple[Tokens, ...]:
    """The parts of a title without those about something that is over: `CTO | ex-Google`."""
    parts = [tokens_of(part) for part in _PARTS.split(title)]
    return tuple(part for part in parts if part and "former" not in SENIORITIES.labels(part))
