"""What people say in chats: the message, and the address that they leave in its midst."""

import re
from collections.abc import Sequence

from services.intake.domain.facts import Draft
from services.intake.domain.markup import as_text

_EMAIL = re.compile(r"[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE = re.compile(r"\+\d[\d\s().-]{6,20}\d")
MAX_SAID = 20_000
BY_LOOK = 0.85
"""How sure an address is that stands in the midst of a sentence: it may be a colleague's."""


def put_said(draft: Draft, said: Sequence[tuple[str, str]]) -> None:
    """Add what was said, as texts with their places, and an address or international number found in it."""
    texts = [(as_text(text).strip(), where) for text, where in said if text.strip()]
    if not texts:
        return
    draft.put("message", "\n".join(text for text, _ in texts), texts[0][1])
    for text, where in texts:
        for found in _EMAIL.findall(text[:MAX_SAID]):
            if "email" not in draft.facts:
                draft.put("email", found.rstrip("."), where, BY_LOOK)
        for found in _PHONE.findall(text[:MAX_SAID]):
            if draft.phone is None:
                draft.put("phone", found, where, BY_LOOK)
