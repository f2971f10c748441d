"""Load the demo catalogue, some four hundred well-known books in many languages, into an empty database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.database import open_database
from app.models import Book
from scripts.console import arguments_of, console, failures_in_one_line
from scripts.import_books import import_file

if TYPE_CHECKING:
    from app.database import Database

DEMO = Path(__file__).with_name("demo_books.csv")


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    arguments_of("load_demo", __doc__).parse_args(arguments)
    with failures_in_one_line("load_demo"):
        load(open_database())


def load(database: Database) -> None:
    """Load it, unless the database has books."""
    with database.reading() as connection:
        if connection.scalar(select(Book.id).limit(1)) is not None:
            console.print("The database already has books: the demo catalogue is not loaded.")
            return
    report = import_file(database, DEMO)
    console.print(f"The demo catalogue is loaded: {report.created} books.")


if __name__ == "__main__":
    main()
