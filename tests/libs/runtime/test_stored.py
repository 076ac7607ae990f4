"""Stored outcomes come back byte for byte, and damage is told."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import Encoded
from libs.runtime.stored import pack, unpack

records = st.lists(
    st.builds(
        Encoded,
        topic=st.text(min_size=1, max_size=10),
        key=st.binary(max_size=10),
        value=st.binary(max_size=50),
        headers=st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=5)), max_size=3).map(tuple),
    ),
    max_size=4,
)


@given(records)
def test_unpack_gives_back_what_was_packed(held: list[Encoded]) -> None:
    assert unpack(pack(held)) == tuple(held)


@given(records, st.data())
def test_a_cut_pack_is_refused(held: list[Encoded], data: st.DataObject) -> None:
    packed = pack(held)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(ValueError):
        unpack(packed[:cut])


@given(records)
def test_bytes_left_over_are_refused(held: list[Encoded]) -> None:
    with pytest.raises(ValueError, match="left over"):
        unpack(zlib.compress(zlib.decompress(pack(held)) + b"x"))
