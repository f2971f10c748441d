"""Remove the users that load tests made, whose names begin with `locust_`, and their books. Nothing else goes.

Nor does an admin of such a name: the last one must not be lost.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select, update

from app.database import open_database
from app.models import Author, Book, User
from app.security.roles import MEMBER
from scripts.console import console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database

PREFIX = "locust_"


class Removed(NamedTuple):
    """How many went."""

    users: int
    books: int


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    argparse.ArgumentParser(prog="python -m scripts.cleanup_after_loadtest", description=__doc__).parse_args(arguments)
    with failures_in_one_line("cleanup_after_loadtest"):
        removed = clean_up(open_database())
        console.print(
            f"Removed {removed.users:,} users whose names begin with '{PREFIX}', and their {removed.books:,} books."
        )


def clean_up(database: Database) -> Removed:
    """Remove them, in one transaction. The authors that they added stay: others may have books by them."""
    # Not LIKE: there `_` stands for any character, and SQLite takes capitals for small letters.
    users = select(User.id).where(func.substr(User.username, 1, len(PREFIX)) == PREFIX, User.role == MEMBER)
    with database.transaction() as db:
        books = db.scalars(delete(Book).where(Book.created_by.in_(users)).returning(Book.id)).all()
        db.execute(update(Author).where(Author.created_by.in_(users)).values(created_by=None))
        gone = db.scalars(delete(User).where(User.id.in_(users)).returning(User.id)).all()
    return Removed(len(gone), len(books))


if __name__ == "__main__":
    main()
