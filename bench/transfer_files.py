"""Files of a seeded catalogue, as the service would export it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from app.domain.sort_titles import sort_title_of
from app.schemas.books import BookReply
from app.transfer.json import jsonl
from bench.filling import catalogue_of

if TYPE_CHECKING:
    from pathlib import Path

    from rich.progress import Progress

    from bench.catalogue import Size

AT_ONCE = 5_000
LATER = dict.fromkeys(("published", "call_number", "location")) | {"identifiers": [], "links": []}
"""Fields that the seeded catalogue leaves empty."""


def write_books(file: Path, size: Size, seed: int, numbers: range, progress: Progress) -> None:
    """Write these books of a catalogue as JSON Lines."""
    parts = [numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE)]
    task = progress.add_task(f"{file.name}: {len(numbers):,} books", total=len(parts))
    with ProcessPoolExecutor(2, get_context("spawn")) as pool, file.open("wb") as opened:
        for lines in pool.map(lines_of, [size] * len(parts), [seed] * len(parts), parts):
            opened.write(lines)
            progress.advance(task)


def lines_of(size: Size, seed: int, numbers: range) -> bytes:
    """The lines of these books."""
    return b"".join(jsonl.write(_document(book)) for book in catalogue_of(size, seed).books(numbers))


def write_beginning(of_file: Path, file: Path, number: int) -> None:
    """Write the first lines of a file to another."""
    with of_file.open("rb") as source, file.open("wb") as target:
        for line, _ in zip(source, range(number), strict=False):
            target.write(line)


def _document(book: dict[str, Any]) -> str:
    fields = book | LATER | {"sort_title": sort_title_of(book["title"], book["language"])}
    return BookReply.model_validate(fields).model_dump_json()
