"""The first element of a JSON list as the bytes that it stands in, for senders that sign no more than that."""

import re

MAX_BYTES = 65_536
"""An element is looked for in so many bytes: twice what Segment takes for an event, and little work before a refusal."""
_STEP = re.compile(rb'["\[\]{},]')
_STRING_END = re.compile(rb'(?:[^"\\]|\\.)*"', re.DOTALL)


def first_element(body: bytes) -> bytes:
    """The bytes of the first element, without blanks around; the whole body when there is none. One pass, never an error.

    Nothing is parsed or written anew: a signature covers the sender's own spelling.
    """
    plain = body[:MAX_BYTES].strip()
    if not plain.startswith(b"["):
        return body
    depth, here = 0, 1
    while step := _STEP.search(plain, here):
        sign, here = step.group(), step.end()
        if sign == b'"':
            end = _STRING_END.match(plain, here)
            if end is None:
                return body
            here = end.end()
        elif depth == 0 and sign in (b",", b"]"):
            return plain[1 : step.start()].strip()
        else:
            depth += 1 if sign in (b"[", b"{") else -1 if sign in (b"]", b"}") else 0
    return body
