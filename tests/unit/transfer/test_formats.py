"""What holds for every format."""

from __future__ import annotations

from io import BytesIO

import pytest

from app.errors import UnreadableFile
from app.transfer.formats import FORMATS

FILES = (
    b"title,author\nEmma,Jane Austen\n",
    b'[{"title": "Emma"}]',
    b'{"title": "Emma"}',
    b"@book{a, title = {Emma}}",
    b"TY  - BOOK\nTI  - Emma\nER  - \n",
    b"<record/>",
)


class TestEncoding:
    @pytest.mark.parametrize(
        "name",
        ["a\0", "hex", "zip", "rot13", "base64", "undefined", "mbcs", "é", "x" * 40, "../etc", "utf-16", "cp037"],
    )
    @pytest.mark.parametrize("of_format", FORMATS)
    def test_of_any_name_is_refused_or_read(self, of_format: str, name: str) -> None:
        for content in FILES:
            try:
                rows = list(FORMATS[of_format].reader(BytesIO(content), name, {}))
            except UnreadableFile:
                continue
            assert all(row.book or row.errors or row.passed_over for row in rows)
