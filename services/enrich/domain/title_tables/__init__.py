"""Words of job titles by language: seniority and function. All languages are asked at once: forms do not tell theirs.

Seniority has four labels that are no ranks: `former` (the part of the title is about the past), `deputy`, `aide` (an assistant
of somebody, however high) and `none` (words that only look like a rank). Function has `all` (answers for all of it unless
another function is named) and `none`.
"""

from services.enrich.domain.title_tables import cs, da, de, en, es, fi, fr, it, ja, nb, nl, pl, pt, sv, tr, zh
from services.enrich.domain.title_words import Phrases

LANGUAGES = (en, de, fr, es, it, pt, nl, pl, sv, da, nb, fi, cs, tr, ja, zh)
"""Where two languages read a phrase otherwise, the earlier one counts."""
SENIORITIES = Phrases(language.SENIORITY for language in LANGUAGES)
FUNCTIONS = Phrases(language.FUNCTION for language in LANGUAGES)
