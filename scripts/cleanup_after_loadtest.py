"""Delete the users that load tests created, whose names begin with `locust_`, and their books. Nothing else.

Genres and search words that only those books had are left for `python -m scripts.remove_unused`.

Admins with such a name are kept: the last admin must not be deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select, update

from app.database import open_database
from app.events.changes import Document, note_change
from app.models import Author, Book, User
from app.security.roles import MEMBER
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database

PREFIX = "locust_"


class Removed(NamedTuple):
    """How many were deleted."""

    users: int
    books: int


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    arguments_of("cleanup_after_loadtest", __doc__).parse_args(arguments)
    with failures_in_one_line("cleanup_after_loadtest"):
        removed = clean_up(open_database())
        console.print(
            f"Removed {removed.users:,} users whose names begin with '{PREFIX}', and their {removed.books:,} books."
        )


def clean_up(database: Database) -> Removed:
    """Delete them in one transaction. The authors that they added are kept: other users may have books by them."""
    # Not LIKE: its `_` matches any character, and on SQLite it ignores case.
    users = select(User.id).where(func.substr(User.username, 1, len(PREFIX)) == PREFIX, User.role == MEMBER)
    with database.transaction() as db:
        columns = (Book.id, Book.version, Book.created_by, Book.document)
        books = db.execute(delete(Book).where(Book.created_by.in_(users)).returning(*columns)).all()
        for book in books:
            note_change(db, "book", Document(*book), None)
        db.execute(update(Author).where(Author.created_by.in_(users)).values(created_by=None))
        deleted = db.scalars(delete(User).where(User.id.in_(users)).returning(User.id)).all()
    return Removed(len(deleted), len(books))


if __name__ == "__main__":
    main()
