"""Patterns over job titles in normal form."""

import re

Pattern = re.Pattern[str]


def words(*alternatives: str) -> Pattern:
    """Finds one of the alternatives (regular expressions in small letters without accents) as whole words."""
    return re.compile(r"(?<![a-z])(?:" + "|".join(alternatives) + r")(?![a-z])")
