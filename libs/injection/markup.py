"""What a message holds for a machine beside its words: hidden HTML, chat markup, fake turns of a conversation, our own schema."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator

from libs.injection.views import listed

Found = tuple[str, int, int]
"""A risk and its place; the risk is empty for markup that hides nothing and is only taken away."""

_COMMENT = re.compile(
    r"<!--.{0,4000}?(?:-->|\Z)|<!\[CDATA\[.{0,2000}?\]\]>|\{#.{0,1000}?#\}|/\*.{0,1000}?\*/", re.DOTALL
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]{0,40})((?:\s[^<>]{0,1500})?)\s{0,5}/?>")
_UNSEEN_TAGS = frozenset(
    ("script", "style", "template", "noscript", "title", "head", "meta", "object", "svg", "textarea")
)
_SHOWN_TAGS = frozenset(
    listed("""
    a abbr address article aside b big blockquote body br button center cite code col colgroup dd del details dfn div dl dt em
    figure font footer form h1 h2 h3 h4 h5 h6 header hr html i img input ins kbd label legend li main mark nav
    o:p ol p pre q s
    samp section select small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr""")
)
_TOLD_TAGS = frozenset(
    listed("""
    answer output response result results classification system instructions instruction assistant use_case
    route routing urgency priority
    function_calls invoke tool_call tool_calls tool_use parameter think thinking rules policy admin override
    context task prompt human user
    developer lead_classification label labels score verdict decision important secret
    hidden note_to_ai ai llm role claims flags json""")
)
"""Names of elements that models are trained on, or that look like our fields."""
_UNSEEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0*\.?[01](?:px|pt|em|%)?\s*(?:[;\"'!]|$)|"
    r"opacity\s*:\s*0?\.?0*[0-5]?\s*(?:[;\"']|$)|"
    r"(?<!-)color\s*:\s*(?:#f{3,8}\b|white|transparent|rgba?\(\s*255\s*,\s*255\s*,\s*255|rgba\([^)]*,\s*0\))|"
    r"(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}|height\s*:\s*0|width\s*:\s*0|clip\s*:|mso-hide\s*:\s*all|"
    r"\shidden(?=[\s=>/]|$)|aria-hidden|type\s*=\s*[\"']?hidden|color\s*=\s*[\"']?(?:white|#f{3,6})|"
    r"\ssize\s*=\s*[\"']?[01]\b",
    re.IGNORECASE,
)
_UNSEEN_CLASS = re.compile(r"class\s*=\s*[\"'][^\"']{0,80}(?:sr-only|visually-hidden|d-none|invisible)", re.IGNORECASE)
_ATTRIBUTE_TEXT = re.compile(
    r"\b(?:alt|title|aria-label|placeholder|content|value|summary|label|data-[\w-]+|"
    r"on\w+)\s*=\s*(\"[^\"]{6,}\"|'[^']{6,}')",
    re.IGNORECASE,
)
_LINK_TITLE = re.compile(r"\]\([^()\s]{0,500}\s{1,5}(\"[^\"\n]{3,500}\"|'[^'\n]{3,500}'|\([^()\n]{3,500}\))\s{0,3}\)")
_IMAGE = re.compile(r"!\[([^\]\n]{0,400})\]\([^()\n]{0,500}\)")
_LINK_COMMENT = re.compile(
    r"^[ \t]{0,3}\[[^\]\n]{1,60}\]:\s{0,5}(?:<>|#|\S{1,300})\s{1,5}([\"'(][^\n]{3,1000})$", re.MULTILINE
)

_CHAT = re.compile(
    r"<\|[^|<>\n]{1,60}\|?>|<\uff5c[^\uff5c\n]{1,60}\uff5c>|\[/?INST\]|<</?SYS>>|\[/?(?:SYSTEM|ASSISTANT|"
    r"AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)[^\]\n]{0,40}\]|"
    r"<(?:start|end)_of_turn>|<(?:bos|eos)>|\[(?:BOS|EOS)\]",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"<\|(?:im_end|eot_id|end|endoftext|end_of_text)\|>|\[/INST\]|<</SYS>>|<end_of_turn>|</s>", re.IGNORECASE
)
_ROLE_NAMES = (
    r"system|assistant|developer|ai|chatbot|model|tool|function|admin|administrator|human|user|operator|gpt|"
    r"chatgpt|claude|llm|bot|classifier"
)
_HEADED = re.compile(
    rf"(?:^|(?<=[.!?\n]))[ \t>*_]{{0,6}}(?:#{{1,6}}\s{{0,3}}|\[|\(|<|\*\*|={{2,}}\s{{0,3}}|"
    rf"-{{2,}}\s{{0,3}})\s{{0,2}}(?:end (?:of )?)?"
    rf"(?:(?:new|begin|start|real|actual)\s)?(?:{_ROLE_NAMES}|instructions?|system[ _]?(?:prompt|message|"
    rf"note|instructions?|override|alert)|response|output|internal(?: note)?)\b[^\n]{{0,40}}"
    r"(?:\]|\)|>|\*\*|={2,}|-{2,}|#|:|$)",
    re.IGNORECASE | re.MULTILINE,
)
_ROLE_LINE = re.compile(
    rf"^[ \t>*_\"']{{0,6}}(?:{_ROLE_NAMES}|systemnachricht|systeme?|système|sistema|systém|система|系统|系統|"
    rf"システム|시스템|النظام|מערכת|asistente|assistent|asystent|"
    r"ассистент|助手|アシスタント|어시스턴트)(?:[ _-]?(?:message|prompt|note|override|instruction|notice|alert|update|"
    r"command|nachricht))?[ \t]?(?:\([^)\n]{0,30}\))?[\"'*_]{0,3}[ \t]?[:：>][ \t]?",
    re.IGNORECASE | re.MULTILINE,
)
_BREAK = re.compile(
    r"(?:^|[\n.!?*#=<\[{(\-\"'])[ \t#=*<\[({/\-\"']{0,12}(?:end|eof|stop|close|ende|fin|fine|einde|koniec|"
    r"конец|终止|结束)(?: |_|-)?(?:of |der |du |de |del |van |the )?(?:the |la |le )?"
    r"(?:user|lead|customer|untrusted|input|form|client|kunden)?(?:'s)?(?: |_|-)?"
    r"(?:message|input|data|submission|text|enquiry|inquiry|context|prompt|document|content|nachricht|"
    r"mensaje|messaggio|bericht|сообщения|wiadomosci|消息|输入)\b[ \t#=*>\])}/\-\"':.]{0,12}|"
    r"</(?:message|user|user_?(?:input|message|data)|input|data|lead|submission|content|document|context|"
    r"untrusted\w*|text|prompt|instructions?|system|query)>|"
    r"[\"']\s{0,3}[}\]]{1,4}\s{0,3},?\s{0,3}[{\[]?\s{0,3}[\"']?(?:role|system|message|facts|kind|label|"
    r"claims|instruction)\b",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"^[ \t>*]{0,4}(?:action|action input|thought|observation|final answer|tool|tool input)[ \t]?:",
    re.IGNORECASE | re.MULTILINE,
)
_SCHEMA_KEY = re.compile(
    r"[\"']?\b(?:use[_ ]?case|urgency|priority|score|lead[_ ]?score|company[_ ]?fit|buyer[_ ]?role|intent|"
    r"route|routing|confidence|"
    r"classification|should[_ ]?route[_ ]?to[_ ]?sales|route[_ ]?to[_ ]?sales|product[_ ]?interest|claims|"
    r"arguments|tool_calls?|verdict|instructions?|"
    r"override|vip|qualified|assign(?:ed)?[_ ]?(?:to|owner))\b[\"']?\s{0,3}:|"
    r"[\"']?\b(?:label|owner|queue|flags?|spam|category|fit|tier|destination|output|role|"
    r"system)\b[\"']?\s{0,3}:\s{0,3}[\"'\[]{0,2}"
    r"(?:strong|high|max|enterprise|vip|sales|ceo|false|none|hot|qualified|system|assistant|developer|"
    r"support_auto|crm_|voice_|reporting_|buyer)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"`{3,}\w*")
_YAML_LINE = re.compile(
    r"^[ \t>*|-]{0,6}(?:use_?case|urgency|lead_?score|score|company_?fit|fit|buyer_?role|intent|route|"
    r"routing|destination|owner|queue|confidence|"
    r"label|flags?|spam|classification|category|should_?route_?to_?sales|product_?interest|tier|vip|"
    r"verdict|priority)[ \t]{0,3}[:|][ \t]{0,3}[^\n]{0,120}$",
    re.IGNORECASE | re.MULTILINE,
)
_ROW = re.compile(r"^[ \t]{0,3}\|[^\n]{0,300}$", re.MULTILINE)
_MARKUP = re.compile(r"[<\[{#*=|/:：]")


def markup_in(message: str) -> Iterator[Found]:
    """All of it in a message."""
    if not _MARKUP.search(message):
        return
    if "<" in message or "{#" in message or "/*" in message:
        for comment in _COMMENT.finditer(message):
            yield "hidden_text", *comment.span()
        yield from _tags(message)
    for fence in _FENCE.finditer(message):
        yield "", *fence.span()
    yield from _markdown(message)
    yield from _turns(message)
    yield from _schema(message)


def _tags(message: str) -> Iterator[Found]:
    tags = list(_TAG.finditer(message))
    closed: dict[str, list[tuple[int, int]]] = {}
    for tag in tags:
        if tag.group(1):
            closed.setdefault(tag.group(2).casefold(), []).append(tag.span())
    for tag in tags:
        closing, name, attributes = tag.group(1), tag.group(2).casefold(), tag.group(3)
        if "@" in attributes and name not in _SHOWN_TAGS:
            continue
        if name in _TOLD_TAGS and not closing:
            yield "fake_roles", tag.start(), _end_of_element(message, closed.get(name, []), tag.end(), name)
            continue
        unseen = name in _UNSEEN_TAGS or _UNSEEN_STYLE.search(attributes) or _UNSEEN_CLASS.search(attributes)
        if unseen and not closing:
            yield "hidden_text", tag.start(), _end_of_element(message, closed.get(name, []), tag.end(), name)
        elif name in _SHOWN_TAGS or closing or attributes:
            yield ("hidden_text" if _ATTRIBUTE_TEXT.search(attributes) else ""), *tag.span()


def _end_of_element(message: str, closed: list[tuple[int, int]], start: int, name: str) -> int:
    """Where the element closes; without a closing tag, where its line ends."""
    if name in ("meta", "input", "img"):
        return start
    at = bisect_left(closed, (start, 0))
    return closed[at][1] if at < len(closed) else _line_end(message, start)


def _markdown(message: str) -> Iterator[Found]:
    if "](" in message:
        for image in _IMAGE.finditer(message):
            yield "hidden_text" if len(image.group(1).split()) >= 3 else "", *image.span()
        for title in _LINK_TITLE.finditer(message):
            yield "hidden_text", *title.span(1)
            yield "", title.start(), title.end()
    if "]:" in message:
        for comment in _LINK_COMMENT.finditer(message):
            yield "hidden_text", *comment.span()


def _turns(message: str) -> Iterator[Found]:
    """Markup of chats, and what stands between it; headings that announce the system; ends of the message that are none."""
    done = 0
    for token in _CHAT.finditer(message):
        if token.start() >= done:
            closing = _CLOSING.search(message, token.end(), token.end() + 3000)
            done = closing.end() if closing is not None else _told_end(message, token.end(), _paragraph_end)
            yield "fake_roles", token.start(), done
    for heading in _HEADED.finditer(message):
        if _telling(message[heading.end() : _paragraph_end(message, heading.end())], heading.group()):
            yield "fake_roles", heading.start(), _told_end(message, heading.end(), _paragraph_end)
    lines = list(_ROLE_LINE.finditer(message))
    if any(_telling(message[line.end() : _line_end(message, line.end())], "") for line in lines):
        for line in lines:
            yield "fake_roles", line.start(), _told_end(message, line.end(), _line_end)
    steps = list(_STEP.finditer(message))
    if len(steps) >= 2:
        for step in steps:
            yield "tool_calls", step.start(), _line_end(message, step.end())
    for broken in _BREAK.finditer(message):
        yield "delimiters", broken.start(), _told_end(message, broken.end(), _paragraph_end)


_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)|\n")


def _told_end(message: str, start: int, limit: Callable[[str, int], int]) -> int:
    """The end of the first sentence from there, and of those after it that go on with telling a machine."""
    last = limit(message, start)
    ends = [
        match.end() for match in _SENTENCE_END.finditer(message, start, last) if message[start : match.end()].strip()
    ]
    ends = [*ends, last]
    told = ends[0]
    for end in ends[1:]:
        if not _PLAINLY_ORDERLY.search(message[told:end]) and not _ends_a_line(message, told, end):
            break
        told = end
    return told


_ORDERLY = re.compile(
    r"\b(?:ignore|must|you are|your|classif\w*|priorit\w*|route|routing|lead|instructions?|label|score|"
    r"mark|urgency|override|assistant|enterprise|treat|"
    r"from now|understood|sure|certainly|approved|confirmed|verified|vip|qualif\w*|escalate|set|du |musst|"
    r"tous|doit|debes|deve|assign|output|reply|respond|answer)\b|"
    r"[\u0400-\u04ff\u0590-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2}",
    re.IGNORECASE,
)


def _ends_a_line(message: str, start: int, end: int) -> bool:
    """Whether these are the last few words of a line that somebody else is said to have spoken."""
    return (
        len(message[start:end].split()) <= 5
        and message[end : end + 1] in ("", "\n")
        and "\n" not in message[start : end - 1]
    )


_PLAINLY_ORDERLY = re.compile(
    r"\b(?:ignore|must|you are|you will|classif\w*|priorit\w*|routing|lead|instructions?|label|score|"
    r"urgency|override|assistant|enterprise|"
    r"from now|vip|qualif\w*|escalate|musst|assign|output|use_case|company_fit|intent)\b",
    re.IGNORECASE,
)


def _telling(after: str, heading: str) -> bool:
    """Whether what follows a heading such as "System:" is told to a machine, and not the value of a form's line."""
    return (len(after.split()) >= 2 and bool(_ORDERLY.search(after))) or (
        "#" in heading and bool(_ORDERLY.search(after))
    )


def _schema(message: str) -> Iterator[Found]:
    """JSON and YAML that look like our answers."""
    if "{" in message:
        for start, end in _braced(message):
            if _SCHEMA_KEY.search(message, start, end):
                yield "score_claims", start, end
    lines = [line.span() for line in _YAML_LINE.finditer(message)] if ":" in message or "|" in message else []
    if len(lines) >= 2:
        for start, end in lines:
            yield "score_claims", start, end
        if any(message[start:end].lstrip().startswith("|") for start, end in lines):
            for row in _ROW.finditer(message):
                yield "score_claims", *row.span()


def _braced(message: str) -> Iterator[tuple[int, int]]:
    """The outermost pairs of braces, a last open one up to the end of its paragraph."""
    depth = start = 0
    for brace in re.finditer(r"[{}]", message):
        if brace.group() == "{":
            start = brace.start() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield start, brace.end()
    if depth:
        yield start, _paragraph_end(message, start)


def _paragraph_end(message: str, start: int) -> int:
    end = message.find("\n\n", start)
    return len(message) if end < 0 else end


def _line_end(message: str, start: int) -> int:
    end = message.find("\n", start)
    return len(message) if end < 0 else end
