"""The proof that a restored database is the one that was backed up, and that it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, select

from app.backups.errors import BackupError
from app.backups.table_digests import AT_ONCE, contents, revision_of
from app.models import Book, User
from app.search.index import SearchIndex
from app.search.query import WordQuery

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from app.backups.archive import Manifest
    from app.security.sealing import Sealer

SAMPLES = 5
"""Books that are looked for by their titles: the oldest and the newest ones."""


def require_same(connection: Connection, manifest: Manifest, advance: Callable[[int], object]) -> None:
    """Compare the rows of all tables with the manifest.

    Raises:
        BackupError: they differ.
    """
    found = contents(connection, advance)
    if revision_of(connection) != manifest.revision:
        msg = f"the restored database is not at the migration {manifest.revision}"
        raise BackupError(msg)
    differing = [
        f"{name} has {found[name].rows if name in found else 'no'} rows"
        f"{', of other content' if name in found and found[name].rows == expected.rows else f', not {expected.rows}'}"
        for name, expected in manifest.tables.items()
        if found.get(name) != expected
    ]
    if differing:
        msg = f"the restored database differs from the one that was backed up: {'; '.join(differing)}"
        raise BackupError(msg)


def require_found_by_search(connection: Connection) -> int:
    """Look for some books by their titles. Returns: how many were looked for.

    Raises:
        BackupError: one was not found.
    """
    index = SearchIndex(connection, "book")
    ends = [select(Book.id, Book.title).order_by(order).limit(SAMPLES) for order in (Book.id, Book.id.desc())]
    titles = {row.id: row.title for sample in ends for row in connection.execute(sample)}
    queries = {book_id: WordQuery.of(title) for book_id, title in titles.items()}
    searched = {book_id: query for book_id, query in queries.items() if query.required.of}
    for book_id, query in searched.items():
        with connection.execute(index.ids(query), execution_options={"yield_per": AT_ONCE}) as found:
            if not any(book_id == row[0] for row in found):
                msg = f"the search does not find book {book_id} by its title"
                raise BackupError(msg)
    return len(searched)


def unreadable_second_factors(connection: Connection, sealer: Sealer) -> int:
    """How many secrets of second factors cannot be decrypted with the signing keys of the service."""
    if not any(column["name"] == "totp_secret" for column in inspect(connection).get_columns("users")):
        return 0
    sealed = connection.scalars(select(User.totp_secret).where(User.totp_secret.is_not(None)))
    return sum(sealer.open(secret) is None for secret in sealed if secret is not None)
