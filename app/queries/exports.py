"""Exports: all books that a search matches, or all authors, in the order of their ids, in constant memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.queries.authors import AuthorReader
from app.queries.books import BookReader
from app.schemas.lists import AuthorFilters, BookFilters, BookSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from app.queries.keyset import Page, SortValues
    from app.transfer.formats import Format

    Reading = Callable[[], AbstractContextManager[Connection]]

PAGE = 500
"""Books that one look at the database reads, fewer of large ones: 400 kB as a rule."""
PART = 131_072
"""Bytes from which on a part is sent: a client has to take each within some time, even on a slow line."""


def exported(
    reading: Reading,
    search: BookSearch,
    form: Format,
    progress: Callable[[int], object] = int,
) -> Iterator[bytes]:
    """A file with the books that a search matches.

    No connection is kept between the parts, however slowly they are taken. So the file is no snapshot: a book that is
    changed meanwhile is in it once, as it was before or after.

    Args:
        reading: opens a connection, for each page of books.
        search: what the books must match.
        form: a format that books go out in.
        progress: called with the number of books so far.

    Raises:
        DatabaseUnavailable: at any time; before the first part if that is so at the beginning.
    """
    given = {name: getattr(search, name) for name in BookSearch.model_fields}
    wanted = BookFilters.model_construct(**given, sort="id", limit=PAGE)
    return _written(form, _pages(reading, lambda db, after: BookReader(db).page(wanted, after)), progress)


def exported_authors(reading: Reading, form: Format, progress: Callable[[int], object] = int) -> Iterator[bytes]:
    """A file with all authors, those without books included. Otherwise as `exported`."""
    wanted = AuthorFilters.model_construct(sort="id", limit=PAGE)
    return _written(form, _pages(reading, lambda db, after: AuthorReader(db).page(wanted, after)), progress)


def _written(form: Format, pages: Iterator[list[str]], progress: Callable[[int], object]) -> Iterator[bytes]:
    write = form.write
    if write is None:
        msg = f"nothing is written as {form.title}"
        raise ValueError(msg)
    number = 0
    part = bytearray(form.before)
    for documents in pages:
        for document in documents:
            if number:
                part += form.between
            part += write(document)
            number += 1
            if len(part) >= PART:
                yield bytes(part)
                part.clear()
        progress(number)
    part += form.after
    yield bytes(part)


def _pages(reading: Reading, page_after: Callable[[Connection, SortValues | None], Page]) -> Iterator[list[str]]:
    """The documents, in pages of a statement or two each; a page may be short, or empty, although others follow."""
    after = None
    while True:
        with reading() as connection:
            page = page_after(connection, after)
        yield page.documents
        after = page.after
        if after is None:
            return
