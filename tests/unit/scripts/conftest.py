"""Files for the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.import_command import TABLE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file with two books, and a row that is wrong."""
    file = tmp_path / "books.csv"
    file.write_text(TABLE, encoding="utf-8-sig")
    return file
