"""Blocks of a message that pretend to come from our side: notes of a CRM, a qualification's result, lines of our own fields, mail
of a lead router, a talk of an assistant with its user. Nobody who writes to us has them to send."""

import re
from collections.abc import Iterator

Found = tuple[str, int, int]

_NOTES = (
    r"(?:(?:crm|sales|internal|agent|sdr)[ _-](?:notes?|log|memo|remarks?)|bearbeitungsvermerk|interner vermerk|crm-notiz|interne notiz|"
    r"note interne|nota interna|note crm|nota crm|interne notitie|notatka wewnętrzna|внутренняя заметка|社内メモ|内部备注|내부 메모)"
)
_BACK_OFFICE = (
    rf"(?:{_NOTES}|activity[ _-](?:log|history)|"
    r"(?:routing|triage|scoring|classification|intake|enrichment|qualification)[ _-]"
    r"(?:notes?|log|results?|status|outcome|decision|verdict|override|assessment)|"
    r"lead[ _-](?:qualification|status|score|scoring|grade|verdict|routing|classification|triage)|"
    r"(?:tool|function)[ _-](?:results?|output|call|response)|overrides?\b(?! of))"
)
_HEADED = re.compile(
    rf"^[ \t>]{{0,4}}(?:#{{1,6}}[ \t]{{0,3}}|[\[({{<]{{1,2}}|\*\*|={{2,}}[ \t]{{0,3}}|-{{2,}}[ \t]{{0,3}}|[*_~]{{1,3}})[ \t]{{0,3}}"
    rf"(?:end (?:of )?|begin |start |new |auto(?:matic)?[ -])?{_BACK_OFFICE}\b[^\n]{{0,80}}"
    rf"|^[ \t>]{{0,4}}{_NOTES}[ \t]*(?:\([^)\n]{{1,60}}\)[ \t]*)?[:：]"
    rf"|(?:(?<=[.!?\n\w]\s)|^)(?:tool|function)[ _-](?:results?|output|call|response)\s?\([^)\n]{{1,60}}\)\s?[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_MACHINE_ADDRESS = (
    r"(?<![\w.])(?:[a-z]{2,12}[-_.])?(?:router|routing|classifier|classification|scorer|scoring|triage|qualifier|qualification|"
    r"leadbot|salesbot|bot|assistant|ai)(?:[-_.][a-z]{2,12})?@[\w.-]{3,80}"
)
_FROM_A_MACHINE = re.compile(
    rf"^[ \t>*]{{0,6}}(?:from|von|de|da|van|od|от|från|fra|差出人|发件人)\**[ \t]?[:：][^\n]{{0,60}}{_MACHINE_ADDRESS}[^\n]*|"
    rf"^[ \t>]{{0,6}}[^\n]{{0,80}}{_MACHINE_ADDRESS}>?[^\n]{{0,30}}[:：][ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_ORIGINAL = re.compile(r"^[ \t]*-{2,}[^\n-]{0,40}-{2,}[ \t]*\n\Z", re.MULTILINE)
_QUOTED = re.compile(r"(?:^[ \t]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_ASSISTANT_LINE = re.compile(
    r"^[ \t>*_]{0,6}(?:assistant|ai|chatbot|bot|model|system|gpt|llm|classifier)[*_]{0,2}[ \t]?[:：][^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_ABOUT_SOMEBODY = re.compile(
    r"\b(?:this|the) (?:person|lead|user|sender|contact|message|prospect)\b|classif|determined|qualif|\blabel|\bscor|priorit", re.IGNORECASE
)
"""An assistant of a website says "you"; one that was made up speaks of the sender to somebody else."""
_USER_LINE = re.compile(r"^[ \t>*_]{0,6}(?:user|human)[*_]{0,2}[ \t]?[:：][^\n]*", re.IGNORECASE | re.MULTILINE)
_OURS = (
    r"(?:use[ _-]?case|urgency|(?:lead[ _]?)?(?:score|priority|stage|grade)|lead[ _]?status|(?:company[ _-]?)?fit|buyer[ _-]?role|intent|"
    r"route|routing|queue|confidence|labels?|flags?|spam|classification|segment|tier|verdict|qualified|"
    r"dringlichkeit|priorität|anwendungsfall|urgence|priorité|urgencia|prioridad|caso de uso|urgenza|priorità|caso d'uso|"
    r"prioridade|urgência|urgentie|prioriteit|pilność|priorytet|срочность|приоритет|aciliyet|öncelik|緊急度|優先度|紧急程度|优先级)"
)
_ANY_KEY = r"[^\W\d][\w '/-]{0,30}"
_LEADING = r"^[ \t>*•|\"'-]{0,8}"
_OURS_LINE = re.compile(
    rf"{_LEADING}{_OURS}[\"'* \t]{{0,4}}(?:[:：=|,;]|->|=>)[^\n]{{0,160}}$", re.IGNORECASE | re.MULTILINE
)
_KEYED_LINE = re.compile(rf"{_LEADING}{_ANY_KEY}[\"'* \t]{{0,4}}(?:[:：=|,]|->|=>)[^\n]{{0,160}}$", re.MULTILINE)
_PERSONAL = re.compile(
    r"^[ \t>*•|\"'-]{0,8}(?:name|full name|first|last|e-?mail|phone|tel|company|firma|website|url|message|subject|nachricht|title|job|city|country|"
    r"address|employees|team|size|unternehmen|nom|soci|empresa|mensaje|messaggio|mensagem|comment|question|dear|hi|hello|thanks|regards)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[:：=|@,]|[#\[({*_-]{2}|\[|\{|\(")


def forged_in(message: str) -> Iterator[Found]:
    """All of it in a message."""
    if not _MARKS.search(message):
        return
    for heading in _HEADED.finditer(message):
        yield "fake_roles", heading.start(), _block_end(message, heading.end())
    if "@" in message:
        yield from _mail_of_a_machine(message)
    talked = list(_ASSISTANT_LINE.finditer(message))
    if any(_ABOUT_SOMEBODY.search(line.group()) for line in talked):
        for line in [*talked, *_USER_LINE.finditer(message)]:
            yield "fake_roles", *line.span()
    yield from _our_fields(message)


def _mail_of_a_machine(message: str) -> Iterator[Found]:
    for header in _FROM_A_MACHINE.finditer(message):
        original = _ORIGINAL.search(message, max(0, header.start() - 80), header.start())
        start = original.start() if original else header.start()
        quoted = _QUOTED.match(message, header.start()) or _QUOTED.match(message, min(header.end() + 1, len(message)))
        yield "fake_roles", start, max(header.end(), quoted.end()) if quoted else len(message)


def _our_fields(message: str) -> Iterator[Found]:
    """Lines that give values to our fields, two or more, and the lines between and around them that have the same shape."""
    ours = {line.start() for line in _OURS_LINE.finditer(message)}
    lines = message.split("\n") if len(ours) >= 2 else []
    if not lines or sum(_PERSONAL.match(line) is not None and ":" in line[:40] for line in lines) >= 2:
        return  # or a form that was sent as text
    run: list[tuple[int, int]] = []
    for line in [*re.finditer(r"^[^\n]*$", message, re.MULTILINE), None]:
        if line is not None and line.group().strip() and _is_keyed(line.group()):
            run.append(line.span())
            continue
        if any(start in ours for start, _ in run):
            for span in run:
                yield "score_claims", *span
        run = []


def _is_keyed(line: str) -> bool:
    if _PERSONAL.match(line):
        return False
    return _KEYED_LINE.match(line) is not None or re.fullmatch(r"[ \t|:-]+", line) is not None


def _block_end(message: str, start: int) -> int:
    """The end of the paragraph; of the next one when the heading stands alone."""
    at = re.compile(r"\n[ \t]*\n").search(message, start)
    if at is not None and not message[start : at.start()].strip(" \t\n-=#*])}>"):
        at = re.compile(r"\n[ \t]*\n").search(message, at.end())
    return len(message) if at is None else at.start()
