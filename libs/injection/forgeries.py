"""Blocks of a message that pretend to come from our side: notes of a CRM, a qualification's result, lines of our own fields, mail
of a lead router, a talk of an assistant with its user. Nobody who writes to us has them to send."""

import re
from collections.abc import Iterator

Found = tuple[str, int, int]

_NOTES = (
    r"(?:(?:crm|sales|internal|agent|sdr)[ _-](?:notes?|log|memo|remarks?)|bearbeitungsvermerk|interner vermerk|"
    r"crm-notiz|interne notiz|"
    r"note interne|nota interna|note crm|nota crm|interne notitie|notatka wewnętrzna|внутренняя заметка|社内メモ|内部备注|"
    r"내부 메모)"
)
_BACK_OFFICE = (
    rf"(?:{_NOTES}|activity[ _-](?:log|history)|"
    r"(?:routing|triage|scoring|classification|intake|enrichment|qualification)[ _-]"
    r"(?:notes?|log|results?|status|outcome|decision|verdict|override|assessment)|"
    r"lead[ _-](?:qualification|status|score|scoring|grade|verdict|routing|classification|triage)|"
    r"(?:tool|function)[ _-](?:results?|output|call|response)|overrides?\b(?! of))"
)
_HEADED = re.compile(
    rf"^[ \t>]{{0,4}}(?:#{{1,6}}[ \t]{{0,3}}|[\[({{<]{{1,2}}|\*\*|={{2,}}[ \t]{{0,3}}|-{{2,}}[ \t]{{0,3}}|"
    rf"[*_~]{{1,3}})[ \t]{{0,3}}"
    rf"(?:end (?:of )?|begin |start |new |auto(?:matic)?[ -])?{_BACK_OFFICE}\b[^\n]{{0,80}}"
    rf"|^[ \t>]{{0,4}}{_NOTES}[ \t]*(?:\([^)\n]{{1,60}}\)[ \t]*)?[:：]"
    rf"|(?:(?<=[.!?\n\w]\s)|^)(?:tool|function)[ _-](?:results?|output|call|response)\s?\([^)\n]{{1,60}}\)\s?[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_MACHINE_ADDRESS = (
    r"(?<![\w.])(?:[a-z]{2,12}[-_.])?(?:router|routing|classifier|classification|scorer|scoring|triage|qualifier|"
    r"qualification|"
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
    r"\b(?:this|the) (?:person|lead|user|sender|contact|message|prospect)\b|classif|determined|"
    r"qualif|\blabel|\bscor|priorit",
    re.IGNORECASE,
)
"""An assistant of a website says "you"; one that was made up speaks of the sender to somebody else."""
_USER_LINE = re.compile(r"^[ \t>*_]{0,6}(?:user|human)[*_]{0,2}[ \t]?[:：][^\n]*", re.IGNORECASE | re.MULTILINE)
_OURS = (
    r"(?:use[ _-]?case|urgency|(?:lead[ _]?)?(?:score|priority|stage|grade)|lead[ _]?status|(?:company[ _-]?)?fit|"
    r"buyer[ _-]?role|intent|"
    r"route|routing|queue|confidence|labels?|flags?|spam|classification|segment|tier|verdict|qualified|"
    r"dringlichkeit|priorität|anwendungsfall|urgence|priorité|urgencia|prioridad|caso de uso|urgenza|priorità|"
    r"caso d'uso|"
    r"prioridade|urgência|urgentie|prioriteit|pilność|priorytet|срочность|приоритет|aciliyet|öncelik|緊急度|優先度|紧急程度|优先级)"
)
_ANY_KEY = r"[^\W\d][\w '/-]{0,30}"
_LEADING = r"^[ \t>*•|\"'-]{0,8}"
_OURS_LINE = re.compile(
    rf"{_LEADING}{_OURS}[\"'* \t]{{0,4}}(?:[:：=|,;]|->|=>)[^\n]{{0,160}}$", re.IGNORECASE | re.MULTILINE
)
_KEYED_LINE = re.compile(
    rf"{_LEADING}{_ANY_KEY}[\"'* \t]{{0,4}}(?:[:：=|]|->|=>)[^\n]{{0,160}}$|^\w[\w-]{{0,30}},\S[^\n,]{{0,60}}$",
    re.MULTILINE,
)
_PERSONAL = re.compile(
    r"^[ \t>*•|\"'-]{0,8}(?:name|full name|first|last|e-?mail|phone|tel|company|firma|website|url|message|subject|"
    r"nachricht|title|job|city|country|"
    r"address|employees|team|size|unternehmen|nom|soci|empresa|mensaje|messaggio|mensagem|comment|question|dear|hi|"
    r"hello|thanks|regards)",
    re.IGNORECASE,
)
_JSON = re.compile(r"\[?\s{0,3}\{\s{0,5}[\"'][^{}\n]{1,40}[\"']\s{0,3}:")
_JSON_KEY = re.compile(r"[\"'][\w -]{1,40}[\"']\s{0,3}:")
_JSON_SIGNS = re.compile(r"[{}\[\]]")
_TABLE = re.compile(
    r"^[^\n|]{0,80}\|[^\n]{0,300}\n[ \t|:-]{0,5}-{3,}[ \t|:-]{0,200}(?:\n[^\n|]{0,120}\|[^\n]{0,300}){1,60}",
    re.MULTILINE,
)
_ELEMENT = re.compile(r"<([A-Za-z][\w:.-]{1,40})(?:\s[^<>]{0,300})?>\s{0,20}<(?!/)([A-Za-z][\w:.-]{1,40})[^<>]{0,300}>")
_SHOWN = re.compile(
    r"(?:a|article|b|blockquote|body|br|center|code|d[dlt]|div|em|figure|font|footer|form|h\d|head|header|hr|html|i|img|"
    r"label|li|main|nav|ol|p|pre|q|s|section|small|span|strong|su[bp]|table|t(?:body|d|foot|h|head|r)|u|ul)",
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


def data_in(message: str) -> Iterator[Found]:
    """JSON, elements of XML that no page shows, tables of Markdown: whatever they say, it is data for a program and no words of a
    person. They are not read; alone they are no risk, since somebody may show what the own system sends."""
    done = 0
    for opened in _JSON.finditer(message) if "{" in message else ():
        if opened.start() >= done and len(_JSON_KEY.findall(message, opened.start(), opened.start() + 2000)) >= 2:
            done = _json_end(message, opened.start())
            yield "", opened.start(), done
    for table in _TABLE.finditer(message) if "|" in message else ():
        yield "", *table.span()
    done = 0
    for element in _ELEMENT.finditer(message) if "</" in message else ():
        closing = message.find(f"</{element.group(1)}>", element.end())
        named = not (_SHOWN.fullmatch(element.group(1)) or _SHOWN.fullmatch(element.group(2)))
        if element.start() >= done and closing >= 0 and named:
            done = closing + len(element.group(1)) + 3
            yield "", element.start(), done


def _json_end(message: str, start: int) -> int:
    """Behind the sign that closes the first one; the end of the paragraph when nothing does."""
    depth = 0
    for sign in _JSON_SIGNS.finditer(message, start):
        depth += 1 if sign.group() in "{[" else -1
        if depth == 0:
            return sign.end()
    return _block_end(message, start)


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
