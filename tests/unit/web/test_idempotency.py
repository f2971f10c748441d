"""The `Idempotency-Key` header: which strings are keys."""

from __future__ import annotations

import pytest

from app.errors import InvalidRequest
from app.web.idempotency import parse_key


class TestKey:
    @pytest.mark.parametrize(
        ("header", "key"),
        [
            ('"8e03978e-40d5-43e8-bc93-6894a57f9324"', "8e03978e-40d5-43e8-bc93-6894a57f9324"),
            ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
            ("order:17/line/3", "order:17/line/3"),
            ("~!@#$%^&*()_+=-{}[]|<>?./`'", "~!@#$%^&*()_+=-{}[]|<>?./`'"),
            ("a" * 255, "a" * 255),
            (f'"{"a" * 255}"', "a" * 255),
            ('"with spaces, commas; and \\"quotes\\" and \\\\"', 'with spaces, commas; and "quotes" and \\'),
            ('"' + '\\"' * 255 + '"', '"' * 255),
        ],
    )
    def test_is_a_string_with_or_without_quotes(self, header: str, key: str) -> None:
        assert parse_key(header) == key

    @pytest.mark.parametrize(
        "header",
        [
            *("", " ", '"', '""', '"a', 'a"', "a b", "a, b", "a,b", '"a", "b"', '"a";x=1', "a;b", "a\\b", '"a\\b"'),
            *("a" * 256, f'"{"a" * 256}"', "ü", '"ü"', "a\tb", "a\x00b", "a\n", "\x7f", '"a"b', "\u202ea"),
        ],
    )
    def test_of_another_form_is_refused(self, header: str) -> None:
        with pytest.raises(InvalidRequest, match="Idempotency-Key: must be one string"):
            parse_key(header)
