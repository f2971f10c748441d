"""JSON Lines, the service's own format: one line a book, as `GET /books/<id>` shows it; authors likewise.

What goes out comes in again without loss, but for what only the catalogue itself can give: ids, times, users, versions.
Read are also arrays of such objects, and objects on several lines; their places are counted instead of lines.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from pydantic_core import from_json

from app.errors import UnreadableFile
from app.schemas.authors import AuthorCreate, AuthorReply
from app.schemas.books import BookReply
from app.schemas.imported_books import BookRow
from app.transfer.decoding import decoded
from app.transfer.json.items import json_items
from app.transfer.own_records import brief, fill_author_literally, fill_literally
from app.transfer.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_LINE = 1_000_000
"""Characters. A book with every field at its limit has 170,000."""
BEGINNING = 200_000
"""Characters among which the first line with an object is looked for."""
DOCUMENT = re.compile(r"[\s\ufeff]*(?:\[\s*\{|\{[^\S\n]*\n)")
"""How an array of objects begins, or an object that ends on a later line."""
MOST_REMARKS = 20
"""Unknown fields that are named; of others, only how many there are."""
SERVERS_OWN = BookReply.model_fields.keys() - BookRow.model_fields.keys()
"""What the service gives a book: they mean nothing in another catalogue."""
READ = frozenset(BookRow.model_fields) | {"author"}
AUTHOR_READ = frozenset(AuthorCreate.model_fields) - {"id"}
SERVERS_OWN_OF_AUTHORS = AuthorReply.model_fields.keys() - AUTHOR_READ
TOO_LONG = f"is longer than {LONGEST_LINE:,} characters"


def write(document: str) -> bytes:
    """One book or author, from its document: as it is."""
    return f"{document}\n".encode()


class Lines:
    """The lines of a file; each iteration reads them from the beginning.

    Args:
        file: can be read several times.
        encoding: its name in Python; by default that of the byte order mark, or UTF-8.
        mapping: of columns, which there are none of.

    Raises:
        UnreadableFile: no line begins an object, or it is not text in that encoding.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> None:
        if mapping:
            msg = "a file of JSON Lines has no columns to map: its fields are those of GET /books"
            raise UnreadableFile(msg)
        self._text = decoded(file, encoding)
        self.remarks: Counter[str] = Counter()
        """How many rows each of these is true of; known when the rows have been read."""
        beginning = self._text.read(BEGINNING)
        self._has_lines = DOCUMENT.match(beginning) is None
        if self._has_lines and not any(line.lstrip("\ufeff \t").startswith("{") for line in beginning.splitlines()):
            msg = "the file is not JSON Lines: no line begins with { (one book a line, as GET /books/<id> shows it)"
            raise UnreadableFile(msg)

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        if not self._has_lines:
            yield from self._items()
            return
        for number, line in self._lines():
            text = line.strip()
            if text:
                yield self._row(number, text)

    def _items(self) -> Iterator[Row]:
        """The rows of objects that are not on lines of their own."""
        for place, item in enumerate(json_items(self._text), start=1):
            row = Row(place, original="" if item.fault else partial(_as_line, item.value))
            if item.fault:
                row.fail("", item.fault, item.text)
            else:
                self._fill_any(row, item.value)
            yield row

    @property
    def size(self) -> int:
        """How many lines the file has."""
        self._text.seek(0)
        return sum(chunk.count("\n") for chunk in iter(lambda: self._text.read(1 << 20), ""))

    def _lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its number; of one that is too long, a part that is too long as well."""
        self._text.seek(0)
        number = 0
        while line := self._text.readline(LONGEST_LINE + 2):
            number += 1
            yield number, line if number > 1 else line.removeprefix("\ufeff")
            while len(line) == LONGEST_LINE + 2 and line[-1] not in "\r\n":
                line = self._text.readline(LONGEST_LINE + 2)

    def _row(self, number: int, text: str) -> Row:
        if len(text) > LONGEST_LINE:  # only a part of it was read
            row = Row(number)
            row.fail("", TOO_LONG, text)
            return row
        row = Row(number, original=f"{text}\n")
        try:
            book = from_json(text)
        except (ValueError, TypeError) as error:  # the latter of lone surrogates
            row.fail("", f"is not JSON: {str(error).replace(' at line 1 column', ' at character')}", text)
            return row
        if not isinstance(book, dict):
            row.fail("", "is not a JSON object", text)
        else:
            self._fill_any(row, book)
        return row

    def _fill_any(self, row: Row, record: dict[str, Any]) -> None:
        if "name" in record and "title" not in record:
            self._fill_author(row, record)
        else:
            self._fill(row, record)

    def _fill(self, row: Row, book: dict[str, Any]) -> None:
        book = _with_contributors(book)
        fields = {name: value for name, value in book.items() if name in READ}
        if len(fields) + len(SERVERS_OWN) < len(book) or not SERVERS_OWN.issuperset(book.keys() - READ):
            self._remark_on(book.keys() - READ - SERVERS_OWN, "a book")
        author = fields.pop("author", None)
        fields["contributors"] = _contributors(row, fields.get("contributors"), author, book.get("author_id"))
        fill_literally(row, fields, self.remarks)

    def _fill_author(self, row: Row, author: dict[str, Any]) -> None:
        self._remark_on(author.keys() - AUTHOR_READ - SERVERS_OWN_OF_AUTHORS, "an author")
        fill_author_literally(row, {name: value for name, value in author.items() if name in AUTHOR_READ})

    def _remark_on(self, unknown: set[str], kind: str) -> None:
        for name in sorted(unknown):
            remark = f"the field “{name[:60]}” is not one of {kind}, and is ignored"
            if remark not in self.remarks and len(self.remarks) >= MOST_REMARKS:
                remark = f"other fields are not of {kind}, and are ignored"
            self.remarks[remark] += 1


def _as_line(value: object) -> str:
    return f"{json.dumps(value, ensure_ascii=False)}\n"


def _with_contributors(book: dict[str, Any]) -> dict[str, Any]:
    """The book, whose `authors` are its contributors if it has no others."""
    authors = book.get("authors")
    if not isinstance(authors, list) or any(book.get(name) is not None for name in ("author", "contributors")):
        return book
    names = [{"name": author} if isinstance(author, str) else author for author in authors]
    if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in names):
        return book
    others = {name: value for name, value in book.items() if name != "authors"}
    return others | {"contributors": names}


def _contributors(row: Row, parts: object, author: object, author_id: object) -> list[dict[str, Any]]:
    """The contributors by name and role; the main author is the one whose id is the book's `author_id`, or `author`.

    Args:
        row: the row.
        parts: `contributors`.
        author: the name of the main author, which suffices if there are no others.
        author_id: of the catalogue that the book comes from.
    """
    if parts is not None and not isinstance(parts, list):
        row.leave_out("contributors", "must be a list", brief(parts))
        parts = None
    found = [one for part in parts or () if (one := _contributor(row, part, author, author_id)) is not None]
    if author is not None and not any(one["name"] == author for one in found):
        if not isinstance(author, str):
            row.leave_out("author", "must be a name", brief(author))
        elif found:
            row.leave_out("author", "is not among the contributors", author)
        else:
            found = [{"name": author}]
    return found


def _contributor(row: Row, part: object, author: object, author_id: object) -> dict[str, Any] | None:
    if not isinstance(part, dict) or part.get("name") is None:
        row.leave_out("contributors", "must have a name", brief(part))
        return None
    one = {"name": part["name"]}
    if part.get("role") is not None:
        one["role"] = part["role"]
    if part["name"] == author or (author is None and author_id is not None and part.get("author_id") == author_id):
        one["is_main"] = True
    return one
