"""Cursors: only what `encode` made is read, and it comes back unchanged."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import InvalidCursor
from app.queries.keyset import SortValues
from app.web.cursors import Cursors

SECRET = "a secret of more than thirty-two bytes"  # noqa: S105
CURSORS = Cursors([SECRET])
LIST = "/books?"
VALUES: st.SearchStrategy[SortValues] = st.lists(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    min_size=1,
    max_size=4,
)


class TestRoundTrip:
    @given(VALUES, st.text(st.characters(exclude_categories=["Cs"])))
    def test_the_values_come_back(self, values: SortValues, list_name: str) -> None:
        assert CURSORS.decode(CURSORS.encode(values, list_name), list_name) == values

    @given(VALUES)
    def test_a_cursor_needs_no_escaping_in_an_address(self, values: SortValues) -> None:
        assert re.fullmatch(r"[\w.-]+", CURSORS.encode(values, LIST), re.ASCII)


class TestRotation:
    def test_a_cursor_of_the_old_secret_is_still_valid(self) -> None:
        rotated = Cursors(["a new secret of more than thirty-two bytes", SECRET])
        assert rotated.decode(CURSORS.encode(["Emma", 7], LIST), LIST) == ["Emma", 7]
        with pytest.raises(InvalidCursor):
            CURSORS.decode(rotated.encode(["Emma", 7], LIST), LIST)


class TestRefusal:
    @given(VALUES, st.data())
    def test_any_change(self, values: SortValues, data: st.DataObject) -> None:
        cursor = CURSORS.encode(values, LIST)
        start = data.draw(st.integers(0, len(cursor)))
        end = data.draw(st.integers(start, len(cursor)))
        changed = cursor[:start] + data.draw(st.text(max_size=4)) + cursor[end:]
        assume(changed != cursor)
        with pytest.raises(InvalidCursor):
            CURSORS.decode(changed, LIST)

    @pytest.mark.parametrize("tail", ["=", "!", "\x80", ":\x80", "\ud800", "."])
    def test_any_tail(self, tail: str) -> None:
        """Python's base64 passes over characters that are not of its alphabet."""
        with pytest.raises(InvalidCursor):
            CURSORS.decode(CURSORS.encode([1], LIST) + tail, LIST)

    @given(st.text())
    def test_any_text_of_another_making(self, text: str) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.decode(text, LIST)

    @given(st.binary())
    def test_any_bytes_of_another_making(self, content: bytes) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.decode(urlsafe_b64encode(content).decode(), LIST)

    @pytest.mark.parametrize("other", ["/books", "/books?author_id=1", "/authors/1/books?", ""])
    def test_of_another_list(self, other: str) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.decode(CURSORS.encode([1], LIST), other)

    def test_of_a_release_that_signed_otherwise(self) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.decode("2hHMSRpQ8OsnWAQnWzJd", LIST)

    def test_of_another_service(self) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.decode(Cursors(["another secret"]).encode([1], LIST), LIST)

    def test_of_another_spelling_of_the_same_bytes(self) -> None:
        """The last character of base64 has bits that are not used."""
        cursor = CURSORS.encode([1], LIST)
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        twin = cursor[:-1] + alphabet[alphabet.index(cursor[-1]) ^ 1]
        with pytest.raises(InvalidCursor):
            CURSORS.decode(twin, LIST)
