"""ISBNs: any spelling in, thirteen digits out."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.isbn import normalize_isbn, restore_isbn10
from tests.support.factories import isbn13

CHECK_DIGIT = "the check digit does not match"
NO_ISBN = "is not an ISBN of 10 or 13 digits"


class TestNormalize:
    @pytest.mark.parametrize(
        ("spelling", "digits"),
        [
            ("9780141439587", "9780141439587"),
            ("978-0-14-143958-7", "9780141439587"),
            ("978 0 14 143958 7", "9780141439587"),
            (" 978-0141439587 ", "9780141439587"),
            ("978\N{EN DASH}0\N{EN DASH}14\N{EN DASH}143958\N{EN DASH}7", "9780141439587"),
            ("0141439580", "9780141439587"),
            ("0-14-143958-0", "9780141439587"),
            ("080442957X", "9780804429573"),
            ("080442957x", "9780804429573"),
            ("979-10-90636-07-1", "9791090636071"),
            ("ISBN 0-14-143958-0", "9780141439587"),
            ("isbn:0141439580", "9780141439587"),
            ("ISBN-13: 978-0-14-143958-7", "9780141439587"),
            ("ISBN-10 0141439580", "9780141439587"),
            ("ISBN13 9780141439587", "9780141439587"),
            ("ISBN (13): 9780141439587", "9780141439587"),
            ("ISBN-13 \N{RIGHT-TO-LEFT MARK}: \N{LEFT-TO-RIGHT MARK} 978-0141439587", "9780141439587"),
            ("ISBN: 080442957X", "9780804429573"),
            ("urn:isbn:9780141439587", "9780141439587"),
            ("URN:ISBN:0-14-143958-0", "9780141439587"),
            ("978\N{NARROW NO-BREAK SPACE}0141439587", "9780141439587"),
            ("978\N{NON-BREAKING HYPHEN}0141439587", "9780141439587"),
            ("\N{ZERO WIDTH NO-BREAK SPACE}978\t0141439587", "9780141439587"),
            ("".join(chr(0x660 + int(digit)) for digit in "9780141439587"), "9780141439587"),
            ("".join(chr(0xFF10 + int(digit)) for digit in "9780141439587"), "9780141439587"),
        ],
    )
    def test_any_spelling(self, spelling: str, digits: str) -> None:
        assert normalize_isbn(spelling) == digits

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("9780141439588", CHECK_DIGIT),
            ("0141439581", CHECK_DIGIT),
            ("0804429570", CHECK_DIGIT),
            ("9780141439578", CHECK_DIGIT),
            ("", NO_ISBN),
            ("   ", NO_ISBN),
            ("01414395", NO_ISBN),
            ("978014143958", NO_ISBN),
            ("97801414395877", NO_ISBN),
            ("9770141439588", NO_ISBN),
            ("X141439580", NO_ISBN),
            ("978014143958X", NO_ISBN),
            ("Emma", NO_ISBN),
            ("9780141439587\0", NO_ISBN),
            ("ISBN 978-0-14-143958-8", CHECK_DIGIT),
            ("ISBN", NO_ISBN),
            ("ISBN 978", NO_ISBN),
            ("my ISBN 9780141439587", NO_ISBN),
            ("ISSN 0141439580", NO_ISBN),
            (" " * 10_000 + "9780141439587", NO_ISBN),
        ],
    )
    def test_says_what_is_wrong(self, text: str, fault: str) -> None:
        with pytest.raises(ValueError, match=f"^{fault}$"):
            normalize_isbn(text)

    @given(st.integers(0, 999_999_999))
    def test_thirteen_digits_stay_as_they_are(self, number: int) -> None:
        assert normalize_isbn(isbn13(number)) == isbn13(number)

    @given(st.integers(0, 999_999_999), st.integers(0, 12), st.integers(1, 9))
    def test_one_wrong_digit_is_always_noticed(self, number: int, place: int, off: int) -> None:
        digits = isbn13(number)
        wrong = digits[:place] + str((int(digits[place]) + off) % 10) + digits[place + 1 :]
        with pytest.raises(ValueError, match=f"{CHECK_DIGIT}|{NO_ISBN}"):
            normalize_isbn(wrong)

    @given(st.text())
    def test_any_text_is_thirteen_digits_or_none(self, text: str) -> None:
        with suppress(ValueError):
            assert len(normalize_isbn(text)) == 13


class TestRestore:
    @pytest.mark.parametrize(
        ("number", "digits"),
        [
            ("141439580", "9780141439587"),
            ("7442912", "9780007442911"),
            ("61120081", "9780061120084"),
            (" 439023483 ", "9780439023481"),
            ("80442957X", "9780804429573"),
            ("9780141439587", "9780141439587"),
            ("0-14-143958-0", "9780141439587"),
            ("ISBN 141439580", "9780141439587"),
            ("ISBN-10: 0141439580", "9780141439587"),
        ],
    )
    def test_zeros_that_a_spreadsheet_took(self, number: str, digits: str) -> None:
        assert restore_isbn10(number) == digits

    @pytest.mark.parametrize("number", ["7203116", "141439581", "9.78014E+12", "978014143958"])
    def test_only_where_the_check_digit_proves_it(self, number: str) -> None:
        with pytest.raises(ValueError, match=f"{CHECK_DIGIT}|{NO_ISBN}"):
            restore_isbn10(number)

    @pytest.mark.parametrize("number", ["", "0", "00", "0000000000", "19", "27"])
    def test_what_stands_for_no_isbn_is_none(self, number: str) -> None:
        """Ten zeros satisfy the check digit, and so does every eleventh short number."""
        with pytest.raises(ValueError, match=f"{CHECK_DIGIT}|{NO_ISBN}"):
            restore_isbn10(number)
