"""Comparing names regardless of case and form."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import LONGEST_KEY, LONGEST_NAME, fold, name_key

MOST_BYTES = 2704
"""What PostgreSQL indexes of one value."""
LONGEST_EXPANSION = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"


class TestFold:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Jane Austen", "JANE AUSTEN"),
            ("Jane Austen", "  jane \t\n austen "),
            ("Jane Austen", "Jane\N{NO-BREAK SPACE}Austen"),
            ("Straße", "STRASSE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Brontë", "Bronte\N{COMBINING DIAERESIS}"),
            ("finn", "ﬁnn"),
            ("İstanbul", "I\N{COMBINING DOT ABOVE}stanbul"),
            ("ǅemal", "džemal"),
            ("Ⅳ", "iv"),
        ],
    )
    def test_two_spellings_of_one_name(self, one: str, other: str) -> None:
        assert fold(one) == fold(other)

    @pytest.mark.parametrize(("one", "other"), [("Brontë", "Bronte"), ("a b", "ab"), ("Ana", "Anna"), ("é", "è")])
    def test_two_names(self, one: str, other: str) -> None:
        assert fold(one) != fold(other)

    @given(st.text())
    def test_folding_again_changes_nothing(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)

    @given(st.text())
    def test_of_the_forms_of_unicode_none_matters(self, text: str) -> None:
        forms = [fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")]
        assert forms == [fold(text)] * 4


class TestNameKey:
    def test_of_a_name_is_the_folded_name(self) -> None:
        assert name_key(" Jane  Austen") == "jane austen"

    @pytest.mark.parametrize("letter", ["a", "é", "ß", "\N{MATHEMATICAL FRAKTUR CAPITAL A}", "🐈", LONGEST_EXPANSION])
    def test_always_fits_an_index(self, letter: str) -> None:
        assert len(name_key(letter * 500).encode()) <= MOST_BYTES

    def test_of_what_is_no_name_by_its_length_is_not_folded(self) -> None:
        """Folding takes time that grows with the square of a run of combining marks."""
        assert name_key("A" * LONGEST_NAME) == name_key("a" * LONGEST_NAME)
        assert name_key("A" * (LONGEST_NAME + 1)) != name_key("a" * (LONGEST_NAME + 1))

    def test_of_two_long_names_that_begin_alike_differs(self) -> None:
        name = LONGEST_EXPANSION * 255
        assert len(fold(name)) > LONGEST_KEY
        assert name_key(name) != name_key(name + "x")

    def test_of_two_long_spellings_of_one_name_is_one(self) -> None:
        assert name_key("Straße " * 100) == name_key("STRASSE " * 100)

    @given(st.text(max_size=255))
    def test_any_name_has_one_that_fits(self, name: str) -> None:
        assert len(name_key(name).encode("utf-8", "surrogatepass")) <= MOST_BYTES
