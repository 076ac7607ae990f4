"""Text that only a machine reads: base64, hexadecimal and other codes. Decoded a few layers deep and looked into."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

from libs.injection.views import View, listed

LAYERS = 3
LONGEST_CODE = 4000
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/=_-])(?:(?:[A-Za-z0-9+/]{30,100}\r?\n){1,60}[A-Za-z0-9+/]{4,100}|"
    r"[A-Za-z0-9+/_-]{16,4000})={0,2}(?![A-Za-z0-9+/=_-])"
)
_BASE32 = re.compile(r"(?<![A-Z2-7=])[A-Z2-7]{24,}={0,6}(?![A-Z2-7=])")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ ,:]?){12,}(?![0-9A-Fa-f])")
_BINARY = re.compile(r"(?<![01])(?:[01]{7,8}[ ,]?){6,}(?![01])")
_DECIMAL = re.compile(r"(?<!\d)(?:\d{2,3}[ ,;]{1,2}){9,}\d{2,3}(?!\d)")
_PERCENT = re.compile(r"(?<![\w+%.-])[\w+.,!-]{0,30}(?:%[0-9A-Fa-f]{2}[\w+.,!-]{0,20}){3,}")
_ESCAPES = re.compile(r"(?:\\(?:u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{2,6}\}|x[0-9A-Fa-f]{2}|[0-7]{3})[\w ]{0,12}){3,}")
_ENTITIES = re.compile(r"(?:&#?\w{2,8};[\w ]{0,12}){4,}")
_MORSE = re.compile(r"(?<![\w.-])(?:[.\-·−–—]{1,6}[ /|]{1,3}){8,}[.\-·−–—]{1,6}")
_TAGS = re.compile("[\U000e0000-\U000e007f]{3,}")
_FLAG = "\U0001f3f4"
_INVISIBLE = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff\u180e\ufe00-\ufe0f]{6,}")
_MORSE_LETTERS = dict(
    zip(
        listed(
            ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
        ),
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)
_KEYS = (
    "instructions", "instruction", "ignore", "classify", "priority", "previous", "prompt", "system",
    "assistant", "enterprise", "urgency",
    "disregard", "override", "anweisungen", "ignoriere",
)  # fmt: skip
_SHIFTED = {
    "".join(chr((ord(letter) - 97 + shift) % 26 + 97) for letter in key): shift
    for key in _KEYS
    for shift in range(1, 26)
} | {key.translate({97 + at: 122 - at for at in range(26)}): 26 for key in _KEYS}
_BACKWARDS = frozenset(key[::-1] for key in _KEYS)
_CODES = re.compile(
    r"[A-Za-z0-9+/_-]{16}|[01]{7}|\d[ ,;]\d|%[0-9A-Fa-f]{2}|\\[ux0-7]|&#|&[a-z]+;|[.\-·−–—]{1,6}[ /|"
    r"]+[.\-·−–—]|[0-9A-Fa-f]{2}[ :,][0-9A-Fa-f]{2}"
)

Judge = Callable[[str], bool]
"""Whether a decoded text is an order."""


def encoded_in(message: str, plain: View, is_order: Judge, layers: int = LAYERS) -> Iterator[tuple[str, int, int]]:
    """Codes that hold an order or readable sentences, with their places in the message."""
    yield from _unseen(message)
    if _CODES.search(message):
        for pattern, decode in _DECODERS:
            for code in pattern.finditer(message):
                text = decode(code.group()[:LONGEST_CODE])
                if text and _is_read_by_a_machine(text, is_order, layers, pattern in _HIDING):
                    yield "encoded_text", *code.span()
    yield from _shifted(plain)


def _unseen(message: str) -> Iterator[tuple[str, int, int]]:
    """Tag characters (but for the flags of Britain's parts), long runs of invisible ones and right-to-left overrides."""
    if message.isascii():
        return
    for run in _TAGS.finditer(message):
        if not message[: run.start()].endswith(_FLAG):
            yield "hidden_text", *run.span()
    for run in _INVISIBLE.finditer(message):
        yield "hidden_text", *run.span()
    for at in [at for at, letter in enumerate(message) if letter in "\u202d\u202e"][:20]:
        end = min(
            (place for place in (message.find("\u202c", at), message.find("\n", at)) if place > 0), default=len(message)
        )
        yield "hidden_text", at, end


def _is_read_by_a_machine(text: str, is_order: Judge, layers: int, hides: bool) -> bool:
    """An order inside, in this layer or the next; or plain sentences where nobody would encode them."""
    if is_order(text):
        return True
    words = re.findall(r"[A-Za-z]{2,}", text)
    if hides and len(words) >= 3 and sum(map(len, words)) + len(words) > 0.8 * len(text):
        return True
    return layers > 1 and any(
        code for code in encoded_in(text, View(text.lower(), range(len(text))), is_order, layers - 1)
    )


def _base64(code: str) -> str:
    joined = re.sub(r"\s", "", code).rstrip("=").replace("-", "+").replace("_", "/")
    if len(joined) < 16 or len(joined) % 4 == 1:
        return ""
    try:
        return _readable(base64.b64decode(joined + "=" * (-len(joined) % 4)))
    except (binascii.Error, ValueError):
        return ""


def _base32(code: str) -> str:
    joined = code.rstrip("=")
    try:
        return _readable(base64.b32decode(joined + "=" * (-len(joined) % 8)))
    except (binascii.Error, ValueError):
        return ""


def _hex(code: str) -> str:
    digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", code)
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _binary(code: str) -> str:
    return _readable(bytes(int(part, 2) for part in re.findall(r"[01]{7,8}", code)))


def _decimal(code: str) -> str:
    numbers = [int(number) for number in re.findall(r"\d+", code)]
    return _readable(bytes(numbers)) if max(numbers) < 256 else ""


def _escapes(code: str) -> str:
    def letter(match: re.Match[str]) -> str:
        number = int(match.group(1) or match.group(2) or match.group(3) or "20", 16)
        return chr(number) if number < 0x110000 else ""

    return re.sub(r"\\u\{?([0-9A-Fa-f]{2,6})\}?|\\x([0-9A-Fa-f]{2})|\\([0-7]{3})", letter, code)


def _morse(code: str) -> str:
    plain = code.translate(str.maketrans("·−–—|", ".---/"))
    words = re.split(r"\s*/\s*|\s{2,}", plain)
    return " ".join("".join(_MORSE_LETTERS.get(letter, "?") for letter in word.split()) for word in words)


def _readable(raw: bytes) -> str:
    """The text that the bytes are; empty when they are none."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return ""
    seen = sum(letter.isprintable() or letter in "\n\r\t" for letter in text)
    return text if text and seen >= 0.95 * len(text) else ""


_HIDING = frozenset((_BASE64, _BASE32, _HEX, _BINARY, _DECIMAL, _MORSE))
"""Codes in which nobody writes sentences by accident, unlike addresses with %20."""
_DECODERS: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (_BASE64, _base64),
    (_BASE32, _base32),
    (_HEX, _hex),
    (_BINARY, _binary),
    (_DECIMAL, _decimal),
    (_PERCENT, lambda code: unquote(code.replace("+", " "))),
    (_ESCAPES, _escapes),
    (_ENTITIES, html.unescape),
    (_MORSE, _morse),
)


_LINE_WORD = re.compile(r"[a-z]{5,}")
_ENDS = re.compile(r"[.!?:](?=\s|$)|\n")


def _shifted(plain: View) -> Iterator[tuple[str, int, int]]:
    """Words of an order in a letter-shift code or written backwards, with the sentence that they stand in."""
    places = [
        (word.start(), word.end())
        for word in _LINE_WORD.finditer(plain.text)
        if word.group() in _SHIFTED or word.group() in _BACKWARDS
    ]
    for start, end in places:
        opening = max((found.end() for found in _ENDS.finditer(plain.text, 0, start)), default=0)
        opening += len(plain.text[opening:start]) - len(plain.text[opening:start].lstrip())
        closing = _ENDS.search(plain.text, end)
        yield "encoded_text", *plain.span(opening, len(plain.text.rstrip()) if closing is None else closing.start())
