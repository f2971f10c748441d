"""Programs whose exports need more than the names of their columns."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    """A program, recognized by columns that only it has.

    Attributes:
        name: of the program.
        recognized_by: these columns are all there.
        columns: fields of columns that have another meaning here; None: they are not about the book.
        only: values that a column must have for the row to be about a book here.
        without: values that a column must not have; likewise.
    """

    name: str
    recognized_by: frozenset[str]
    columns: dict[str, str | None] = field(default_factory=dict)
    only: dict[str, frozenset[str]] = field(default_factory=dict)
    without: dict[str, frozenset[str]] = field(default_factory=dict)


KINDS = {"item type", "media type", "medium", "media"}
"""Columns of programs that have other things than books as well."""
OTHER_THINGS = {
    *("movie", "film", "dvd", "blu-ray", "video", "vhs", "music", "album", "cd", "vinyl", "game", "video game"),
    *("videogame", "board game", "boardgame", "toy", "software", "journal article", "article", "web page", "website"),
}
PROGRAMS = [
    Program("Goodreads", frozenset({"book id", "author l f", "exclusive shelf"}), {"author l f": None}),
    Program("StoryGraph", frozenset({"isbn uid", "moods", "pace"}), {"format": None}),
    Program(
        "LibraryThing",
        frozenset({"book id", "sort character"}),
        {"summary": None, "original languages": None, "isbns": "isbn"},
    ),
    Program(
        "Calibre",
        frozenset({"author sort", "title sort", "timestamp"}),
        {"author sort": None, "cover": None, "size": None},
    ),
    Program(
        "Libib",
        frozenset({"item type", "creators", "ean isbn13"}),
        {"length": "pages", "group": "series", "first name": None, "last name": None},
        only={"item type": frozenset({"book", ""})},
    ),
    Program(
        "Zotero",
        frozenset({"key", "item type", "publication title", "num pages"}),
        {"pages": None, "library catalog": None, "type": None},
        only={"item type": frozenset({"book", "thesis", "report", "manuscript", ""})},
    ),
    Program("Openreads", frozenset({"deleted", "book format", "olid"}), without={"deleted": frozenset({"true", "1"})}),
    Program("BookWyrm", frozenset({"remote id", "shelf name"}), {"shelf": None}),
    Program("Libby", frozenset({"activity", "library", "timestamp"}), {"details": None}),
]


def program_of(keys: set[str]) -> Program | None:
    """The program that has all its columns among these."""
    return next((program for program in PROGRAMS if program.recognized_by <= keys), None)
