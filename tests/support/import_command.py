"""The command that imports books, run in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.import_books import main

if TYPE_CHECKING:
    from pathlib import Path

TABLE = (
    "title,author,isbn,year,rating\n"
    "Emma,Jane Austen,141439580,1815\n"
    "Persuasion,Jane Austen,,MDCCCXVII\n"
    ",Jane Austen,,\n"
)


def ran(file: Path | str, *options: str) -> int:
    """Run the command. Returns: its exit code."""
    try:
        main([str(file), *options])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
