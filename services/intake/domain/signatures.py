"""What the lines below a mail say of its sender: title, phone, company. Read, never asked for, so each is a weak fact."""

import re
from collections.abc import Sequence

from libs.identity.companies import company_key
from libs.identity.domains import company_domain
from libs.identity.names import words_of
from libs.identity.phones import normalised_phone
from libs.identity.scripts import plain
from libs.identity.words import word_set
from services.intake.domain.facts import Draft

WEAK = 0.6
"""How sure a value of a signature is: it may be outdated, a colleague's or the switchboard's."""
_TITLES = word_set(
    """head director manager vp svp evp president chief ceo cto cfo coo cmo cio cro engineer officer lead leader founder
    cofounder owner partner consultant analyst specialist architect administrator coordinator executive developer
    supervisor buyer principal leiter leiterin geschaftsfuhrer geschaftsfuhrerin inhaber inhaberin vertriebsleiter
    bereichsleiter responsable directeur directrice gerente direttore jefe jefa chef gerant fondateur beauftragter
    projektleiter projektleiterin referent assistant professor operations"""
)
_LEGAL = re.compile(
    r"\b(?:gmbh(?:\s*&\s*co\.?\s*kg)?|ag|kg|ug|ltd|limited|llc|llp|inc|corp|plc|s\.?a\.?r\.?l|sas|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|oy|ab"
    r"|a/s|aps|pty|s\.?l\.?u?|sp\.?\s*z\s*o\.?\s*o|kk|pvt|lda|e\.?v)\b\.?",
    re.IGNORECASE,
)
_PHONE = re.compile(r"\+?\(?\d[\d\s().\u00a0/-]{6,24}\d")
_FAX = re.compile(r"\b(?:fax|telefax|f)\b[\s.:]*$", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(?:\||\u2022|\u00b7|,|\u2013|\u2014|\s-\s|\bat\b|\bbei\b|@)\s*")
_SIGN = re.compile(r"@|https?:|www\.|\d{4}", re.IGNORECASE)


def put_signature(draft: Draft, lines: Sequence[str], where: str, address: str) -> None:
    """Add what the signature's lines say to a draft that lacks it."""
    label = company_domain(address).partition(".")[0]
    for line in lines:
        if draft.phone is None:
            _put_phone(draft, line, where)
        if _SIGN.search(line) or len(line) > 100:
            continue
        pieces = [line] if _LEGAL.search(line) and not _has_title(line) else _SPLIT.split(line)
        for piece in filter(None, (one.strip(" *_") for one in pieces)):
            _put_piece(draft, piece, where, label)
    if "name" not in draft.facts and lines and _is_name(lines[0]):
        draft.put("name", lines[0].strip(" *_"), where, WEAK)


def _put_piece(draft: Draft, piece: str, where: str, label: str) -> None:
    if _has_title(piece) and not _LEGAL.search(piece):
        draft.put("title", piece, where, WEAK)
    elif _LEGAL.search(piece) or (len(label) > 3 and company_key(piece).replace(" ", "") == label):
        draft.put("company", piece, where, WEAK)


def _put_phone(draft: Draft, line: str, where: str) -> None:
    """An international number counts anywhere; a national one only behind a word such as Tel."""
    for found in _PHONE.finditer(line):
        typed = found.group()
        said = re.search(r"\b(?:t|tel|telefon|telephone|phone|ph|m|mob|mobile|mobil|cell|direct|office|handy)\b[.:)\s]*$",
                         line[: found.start()], re.IGNORECASE)  # fmt: skip
        fax = _FAX.search(line[: found.start()])
        if not fax and (normalised_phone(typed) or said):
            draft.put("phone", typed, where, WEAK)
            return


def _has_title(text: str) -> bool:
    words = words_of(plain(text))
    return len(words) <= 9 and any(word in _TITLES for word in words)


def _is_name(line: str) -> bool:
    words = line.strip(" *_").split()
    return (
        2 <= len(words) <= 4
        and not _has_title(line)
        and all(word[:1].isupper() for word in words)
        and not re.search(r"[\d@:|]", line)
    )
