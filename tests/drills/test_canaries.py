"""The search of the drill `log-canary` finds what was planted, in every spelling, and nothing else."""

import base64
import json
import random
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.canaries import Canary, Search, made

CANARIES = made(7)
SEARCH = Search(list(CANARIES.values()))
PLANTED: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "upper": lambda text: text.upper().encode(),
    "json": lambda text: json.dumps({"message": f"KeyError: {text!r}"}).encode(),
    "json escaped": lambda text: "".join(f"\\u{ord(one):04X}" for one in text).encode(),
    "url": lambda text: quote(text, safe="").encode(),
    "url, every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()).encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 of small letters": lambda text: base64.b64encode(text.lower().encode()),
    "hex": lambda text: text.encode().hex().upper().encode(),
    "utf-16": lambda text: text.encode("utf-16-le"),
    "html": lambda text: "".join(f"&#{ord(one)};" for one in text).encode(),
}
NOISE = st.binary(max_size=60)


@pytest.mark.parametrize("spelled", PLANTED)
@given(canary=st.sampled_from(list(CANARIES.values())), before=NOISE, after=NOISE)
def test_a_planted_canary_is_found_in_every_spelling(spelled: str, canary: Canary, before: bytes, after: bytes) -> None:
    text = canary.core if canary.kind == "phone" else canary.value
    assert canary.kind in SEARCH.kinds_in(before + PLANTED[spelled](text) + after)


@given(before=st.text(max_size=20), canary=st.sampled_from(list(CANARIES.values())))
def test_base64_is_found_wherever_in_the_packed_text_it_stands(before: str, canary: Canary) -> None:
    packed = base64.b64encode(f"{before}{canary.core} and more".encode())
    assert canary.kind in SEARCH.kinds_in(packed)


@pytest.mark.parametrize("form", ["+49 {} {}", "0049-{}-{}", "(0{}) {}", "+49{}{}"])
def test_a_number_is_found_however_it_is_grouped(form: str) -> None:
    core = CANARIES["phone"].core
    assert SEARCH.kinds_in(form.format(core[:4], core[4:]).encode()) == {"phone"}


@given(st.binary(max_size=2000))
def test_what_was_not_planted_is_not_found(data: bytes) -> None:
    assert not SEARCH.kinds_in(data)


def test_canaries_of_another_seed_are_others() -> None:
    others = " ".join(one.value for one in made(random.Random(1).randrange(10**6)).values())
    assert not SEARCH.kinds_in(others.encode())
