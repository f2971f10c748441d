"""What rows keep of their file, from which refused ones are written again."""

from __future__ import annotations

from io import BytesIO

import pytest

from app.transfer.formats import FORMATS

LONG = "x" * 1_200_000


class TestTooLong:
    @pytest.mark.parametrize(
        ("name", "record", "whole"),
        [
            ("jsonl", '{{"title": "{}"}}\n', '{"title": "Emma", "author": "Jane Austen"}\n'),
            ("ris", "TY  - BOOK\nTI  - {}\nER  - \n", "TY  - BOOK\nTI  - Emma\nER  - \n"),
            ("bibtex", "@book{{a,\n title = {{{}}}\n}}\n", "@book{b, title = {Emma}}\n"),
            ("csl-json", '[{{"id": 1, "title": "{}"}},', '{"id": 2, "type": "book", "title": "Emma"}]'),
        ],
        ids=["jsonl", "ris", "bibtex", "csl-json"],
    )
    def test_nothing_is_kept_of_what_was_not_read_whole(self, name: str, record: str, whole: str) -> None:
        file = BytesIO((record.format(LONG) + whole).encode())
        first, second = FORMATS[name].reader(file, None, None)
        assert "longer than 1,000,000" in first.errors[0].detail
        assert not (first.original() if callable(first.original) else first.original)
        kept = second.original() if callable(second.original) else second.original
        assert isinstance(kept, str)
        assert "Emma" in kept

    def test_nor_of_a_marc_record(self) -> None:
        first, *_ = FORMATS["marc"].reader(
            BytesIO(b"00026nam a2200025 a 4500" + LONG.encode() + b"\x1e\x1d"), None, None
        )
        assert "longer than 1,000,000" in first.errors[0].detail
        assert first.original == b""
