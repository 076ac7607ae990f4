"""What the sender wrote now: without quoted mails, signatures, legal footers, a form's labels and courtesies."""

import re

from services.classify.domain.courtesies import without_courtesies

_QUOTE_HEAD = (
    r"on .{5,90} wrote|am .{5,90} schrieb.{0,60}|le .{5,90} a écrit|el .{5,90} escribió|il .{5,90} ha scritto|"
    r"em .{5,90} escreveu|op .{5,90} schreef.{0,60}|den .{5,90} skrev.{0,60}|"
    r"dnia .{5,90} napisał.{0,60}|\S.{4,90} yazdı|.{5,60}писал.{0,60}"
)
_SEPARATOR = (
    r"-{2,} ?(?:original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|"
    r"message transféré|mensaje original|mensaje reenviado|messaggio originale|mensagem original|oorspronkelijk bericht|"
    r"ursprungligt meddelande|oprindelig meddelelse|wiadomość oryginalna|исходное сообщение|原始邮件|元のメッセージ).{0,20}"
)
_CUT = re.compile(rf"^[ \t>]*(?:(?:{_QUOTE_HEAD})\s*[:：]|{_SEPARATOR}|_{{10,}})\s*$", re.IGNORECASE | re.MULTILINE)
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_SENT_FROM = re.compile(
    r"^[ \t]*(?:sent from my|gesendet von mein|von meinem .{2,30} gesendet|envoyé de mon|envoyé depuis mon|enviado desde mi|"
    r"inviato da|enviado do meu|verzonden vanaf|skickat från|sendt fra|wysłane z|отправлено с).*$",
    re.IGNORECASE | re.MULTILINE,
)
_FOOTER = re.compile(
    r"^[ \t]*(?:(?:this|the information (?:in|contained)) .{0,40}(?:e-?mail|message|communication).{0,60}(?:confidential|"
    r"privileged|intended (?:only|solely))|diese (?:e-?mail|nachricht) .{0,60}vertraulich|"
    r"ce (?:message|courriel|mail) .{0,80}confidentiel|"
    r"este (?:mensaje|correo) .{0,80}confidencial|questo messaggio .{0,80}riservat|esta mensagem .{0,80}confidencia).*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_LABEL = re.compile(
    r"^[ \t]*(?:message|your message|comments?|how can we help(?: you)?|nachricht|ihre nachricht|kommentar|mitteilung|"
    r"votre message|commentaire|mensaje|su mensaje|comentarios?|messaggio|mensagem|bericht|uw bericht|meddelande|besked|melding|"
    r"wiadomość|zpráva|mesaj|сообщение|お問い合わせ内容|留言|الرسالة)\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)


_TO_ITS_END = (
    r"[^.!?;,\n。！？]*?(?=\b(?:but|rather|sondern|aber|mais|sino|pero|bensì|ma|mas|maar)\b|[.!?;,\n。！？]|$)"
)
_DECLINED = re.compile(
    r"(?<!\w)(?:(?:(?:we|i) )?(?:(?:do not|don['’]t|no longer) (?:really |actually )?need|(?:(?:are|am) not|aren['’]t|['’]re not|"
    r"['’]m not) (?:looking for|interested in)) (?:a|an|another|your|the) (?!(?:way|solution|system|tool)\b)|"
    r"(?:(?:wir|ich) )?(?:brauche|brauchen|suche|suchen)(?: wir| ich)? kein(?:e|en)?\b(?! \w+ mehr)|"
    r"(?:nous |je )?n['’](?:avons|ai) pas besoin d(?:e|['’])|no (?:necesitamos|necesito|buscamos|busco) una? |"
    r"non (?:ci serve|abbiamo bisogno di|cerchiamo) (?:un|una|uno)\b|não (?:precisamos|preciso) de (?:um|uma)\b|"
    r"(?:we |wij |ik )?(?:zoeken|zoek) geen\b|nie (?:potrzebujemy|szukamy)\b)" + _TO_ITS_END,
    re.IGNORECASE,
)
"""What is not wanted, up to "but": said with an article, so that "we don't want to lose calls" stays, which is a need."""


def _has_more(text: str) -> bool:
    """Whether words are left when what is declined is taken out."""
    return any(letter.isalnum() for letter in _DECLINED.sub("", text))


def own_words(text: str) -> str:
    """The text with blanks in place of what the sender did not write now: it keeps its length, so places in it stay right.

    When nothing but a quotation would be left, the text is returned whole: better read than silent.
    """
    kept = text
    for pattern in (_CUT, _SIGNATURE):
        found = pattern.search(kept)
        if found is not None:
            kept = kept[: found.start()] + _blank(kept[found.start() :])
    for pattern in (_QUOTED_LINE, _SENT_FROM, _FOOTER, _LABEL):
        kept = pattern.sub(lambda match: _blank(match.group()), kept)
    kept = _DECLINED.sub(lambda match: _blank(match.group()), kept) if _has_more(kept) else kept
    return without_courtesies(kept) if any(letter.isalnum() for letter in kept) else text


def _blank(text: str) -> str:
    return "".join("\n" if letter == "\n" else " " for letter in text)
