"""Cursors: what goes in comes out, and nothing else does."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.errors import InvalidCursor
from app.pagination import Cursors, Key

SECRET = "a secret of more than thirty-two bytes"  # noqa: S105
CURSORS = Cursors([SECRET])
LIST = "/books?"
KEYS: st.SearchStrategy[Key] = st.lists(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    min_size=1,
    max_size=4,
)


class TestRoundTrip:
    @given(KEYS, st.text(st.characters(exclude_categories=["Cs"])))
    def test_a_key_comes_back(self, key: Key, list_name: str) -> None:
        assert CURSORS.decode(CURSORS.encode(key, list_name), list_name) == key

    @given(KEYS)
    def test_a_cursor_needs_no_escaping_in_an_address(self, key: Key) -> None:
        assert CURSORS.encode(key, LIST).replace("-", "a").replace("_", "a").isalnum()


class TestRotation:
    def test_a_cursor_of_the_old_key_is_still_good(self) -> None:
        rotated = Cursors(["a new secret of more than thirty-two bytes", SECRET])
        assert rotated.decode(CURSORS.encode(["Emma", 7], LIST), LIST) == ["Emma", 7]
        with pytest.raises(InvalidCursor):
            CURSORS.decode(rotated.encode(["Emma", 7], LIST), LIST)


class TestRefusal:
    @given(KEYS, st.data())
    def test_any_change(self, key: Key, data: st.DataObject) -> None:
        cursor = CURSORS.encode(key, LIST)
        start = data.draw(st.integers(0, len(cursor)))
        end = data.draw(st.integers(start, len(cursor)))
        changed = cursor[:start] + data.draw(st.text(max_size=4)) + cursor[end:]
        assume(changed != cursor)
        with pytest.raises(InvalidCursor):
            CURSORS.decode(changed, LIST)

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

    def test_of_another_service(self) -> None:
        with pytest.raises(InvalidCursor):
            CURSORS.decode(Cursors("another secret").encode([1], LIST), LIST)

    def test_of_another_spelling_of_the_same_bytes(self) -> None:
        """The last letter of base64 has bits that say nothing."""
        cursors = [CURSORS.encode([number], LIST) for number in range(1, 200)]
        odd = next(cursor for cursor in cursors if len(cursor) % 4 == 2)
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        twin = odd[:-1] + alphabet[alphabet.index(odd[-1]) ^ 1]
        with pytest.raises(InvalidCursor):
            CURSORS.decode(twin, LIST)
