"""Values that nobody else could have written, and searching bytes for them in every spelling that a log could use."""

import base64
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

LETTERS = "bcdfghjklmnpqrstvwxz"
LENGTH = 14
"""20^14 words: none stands anywhere by chance."""
_PUNCTUATION = re.compile(rb"(?<=[0-9])[ ().-]{1,2}(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Canary:
    """One value, and its core: the letters or digits that stay whatever is normalised, cut or formatted around them."""

    kind: str
    value: str
    core: str

    @property
    def needles(self) -> tuple[bytes, ...]:
        """How it may stand in bytes that were made small letters: plain, escaped for JSON or a URL, in hex, backwards."""
        small = self.core.lower()
        return (
            small.encode(),
            small.encode("utf-16-le"),
            small[::-1].encode(),
            small.encode().hex().encode(),
            "".join(f"\\u{ord(letter):04x}" for letter in small).encode(),
            "".join(f"%{ord(letter):02x}" for letter in small).encode(),
            "".join(f"&#{ord(letter)};" for letter in small).encode(),
        )

    @property
    def packed(self) -> tuple[bytes, ...]:
        """How it may stand inside base64, where large and small letters differ: in three alignments, in three cases."""
        found = set()
        for core in (self.core, self.core.lower(), self.core.upper(), self.core.capitalize()):
            for before in range(3):
                whole = base64.b64encode(b"\x00" * before + core.encode())
                end = (before + len(core)) // 3 * 4
                found |= {whole[4 if before else 0 : end], whole[4 if before else 0 : end].translate(_URL_SAFE)}
        return tuple(sorted(found))


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def made(seed: int) -> dict[str, Canary]:
    """A canary of every kind that a lead, a tool, a provider or an operator brings, by kind."""
    rng = random.Random(f"canaries {seed}")

    def word() -> str:
        return "".join(rng.choices(LETTERS, k=LENGTH))

    def digits() -> str:
        return "1512" + "".join(rng.choices("0123456789", k=7))

    shapes: Mapping[str, str] = {
        "email": "Rosa.{}@acme-drill.example",
        "domain": "rosa@{}.example",
        "name": "Rosa {}",
        "company": "{} Widgets & Söhne GmbH",
        "title": "Head of {}",
        "message": 'Please call about "{}", we need routing <soon>.',
        "json_key": "rosa {} key@x.example",
        "header": "agent {}",
        "query": "{}",
        "session_url": "https://shop.example/cart?session={}&step=2",
        "file_name": "offer {}.pdf",
        "path": "{}",
        "bearer": "sk-{}",
        "signature": "v1,{}",
        "webhook_secret": "whsec_{}",
        "paid_key": "paid-{}",
        "paid_answer": "answer {} of the provider",
        "site_answer": "page {} of the site",
        "model_key": "sk-model-{}",
        "model_answer": "words {} of the model",
        "crm_edit": "Account of {}",
        "csv": "Row {}",
        "reason": "because {} said so",
        "policy": "note {} in the policy",
        "defect": "rosa.{}@defect-drill.example",
        "actor": "manager-{}",
    }  # fmt: skip
    found = {}
    for kind, shape in shapes.items():
        core = word()
        found[kind] = Canary(kind, shape.format(core), core)
    number = digits()
    return {**found, "phone": Canary("phone", f"+49 {number[:4]} {number[4:]}", number)}


def secret(kind: str, value: str) -> Canary:
    """A secret that exists already, to be looked for like the others."""
    return Canary(kind, value, value)


class Search:
    """Looks for canaries in bytes."""

    def __init__(self, canaries: Sequence[Canary]) -> None:
        self._needles = [(one.kind, one.needles, one.packed, quote(one.value).lower().encode()) for one in canaries]

    def kinds_in(self, data: bytes) -> frozenset[str]:
        """The kinds of the canaries that stand in the bytes."""
        small = data.lower()
        joined = _PUNCTUATION.sub(b"", small)
        return frozenset(
            kind
            for kind, needles, packed, quoted in self._needles
            if any(needle in small for needle in needles)
            or needles[0] in joined
            or quoted in small
            or any(needle in data for needle in packed)
        )
