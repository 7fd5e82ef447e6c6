"""Hashes are those of the whole text, in however many pieces it is taken."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ampersand.hashing import sha256_hex

_LENGTHS = (0, 1, 2046, 2047, 2048, 4094, 4095, 65_535, 65_536, 65_537)


@pytest.mark.parametrize("length", _LENGTHS)
def test_one_part_of_any_length(length: int):
    part = bytes(number % 251 for number in range(length))
    assert sha256_hex(part) == hashlib.sha256(part).hexdigest()


@given(st.lists(st.sampled_from(_LENGTHS), min_size=1, max_size=4))
def test_parts_have_a_zero_byte_between_them(lengths: list[int]):
    parts = [bytes([65 + place]) * length for place, length in enumerate(lengths)]
    assert sha256_hex(*parts) == hashlib.sha256(b"\x00".join(parts)).hexdigest()
