"""Ten thousand books with titles that come close to what is looked for, and after them what is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from app.models import Author, Book, BookGenre, Contributor, Genre
from app.search.index import SearchIndex, entry_of_author, entry_of_book
from tests.walks.catalogue import numbered, put_in

if TYPE_CHECKING:
    from app.database import Database

COPIES = 250
CLOSE = {
    "we": ["Werther {}", "In the West {}", "Weather of {}", "How We Live {}"],
    "it": ["Italy {}", "The Itinerary {}", "How to Solve It {}", "Item {}"],
    "she": ["Sherlock {}", "The Shepherd {}", "Shells {}", "As She Was {}"],
    "ur": ["Urban Life {}", "Uruguay {}", "The Urn {}", "Ur of {} Chaldees"],
    "v": ["Venice {}", "Henry V {}", "Volume {}", "Vienna {}"],
    "s": ["Summer {}", "Finnegan's Walk {}", "Stars {}", "S Is for {}"],
    "c": ["Cats {}", "Vitamin C {}", "Café {}", "Programming in C++ {}", "Learning C# {}", "The Cold {}"],
    "emma": ["Emma Watson {}", "Emmanuel {}", "Dear Emma {}", "Emmas {}"],
    "rur": ["Rural {}", "Rurik {}", "The Rural R {}", "R U {}"],
    "usa": ["Usable {}", "USA Today {}", "Made in U.S.A. {}", "The Usage {}"],
}
SOUGHT = [
    "We", "It", "She", "Ur", "V.", "S", "Q", "O", "C", "C#", "C++", "Emma", "R.U.R.", "USA", "E.T.", "S.P.Q.R.",
    "Don't", "L'Étranger", "Spider-Man", "🚀", "!!!", "???", "+/-", "…", "&", "❤️", "X", "猫", "Persuasion", "1984",
    "The Hobbit", "Война и мир", "ولد",
]  # fmt: skip
ELSEWHERE = [("A subtitle", "We"), ("Another", "Werther"), ("One more", "It"), ("The last", "Sherlock and she")]
"""Books whose subtitle has the word."""
AUTHORS = [
    "J. R. R. Tolkien", "J.R.R. Tolkien", "JRR Tolkien", "J. K. Rowling", "J.K. Rowling", "C.S. Lewis", "C. S. Lewis",
    "CS Lewis", "G. K. Chesterton", "W. E. B. Du Bois", "H.G. Wells", "Emma", "Emma Watson", "We", "Wells We",
    "O'Brien", "Flann O\u2019Brien", "Jean-Paul Sartre", "!!!",
]  # fmt: skip
SIMILAR_AUTHORS = ["Jrx Tolkienson {}", "Lewis Cs{}", "Emmanuel Wells {}", "Rowlingson Jk{}", "Jean Paul {}"]


def fill(database: Database, owner_id: int) -> None:
    """Fill a database in which there is nothing but a user, who is to own the books."""
    close = [form.format(number) for number in range(COPIES) for forms in CLOSE.values() for form in forms]
    names = [form.format(number) for number in range(40) for form in SIMILAR_AUTHORS] + AUTHORS
    authors = [numbered(Author(name=name), number) for number, name in enumerate(names, 1)]
    genre = Genre(id=1, name="Fiction")
    titles: list[tuple[str, str | None]] = [(title, None) for title in close]
    titles += [*ELSEWHERE, *((title, None) for title in SOUGHT)]
    sought_authors = authors[-len(AUTHORS) :]
    books = [
        _book(
            number,
            title,
            subtitle,
            sought_authors[number % len(sought_authors)] if number % 9 == 0 else authors[0],
            genre,
            owner_id,
        )
        for number, (title, subtitle) in enumerate(titles, 1)
    ]
    with database.transaction() as db:
        put_in(db, [*authors, *books, genre])
        put_in(db, [link for book in books for link in (*book.contributors, *book.genre_links)])
        if db.get_bind().dialect.name == "postgresql":
            db.execute(text("SELECT setval(pg_get_serial_sequence('books', 'id'), (SELECT max(id) FROM books))"))
        SearchIndex(db, "author").put(map(entry_of_author, authors))
        SearchIndex(db, "book").put(map(entry_of_book, books))


def _book(  # noqa: PLR0917  (what a book has)
    number: int, title: str, subtitle: str | None, author: Author, genre: Genre, owner_id: int
) -> Book:
    book = Book(title=title, subtitle=subtitle, author_id=author.id, created_by=owner_id)
    book.contributors = [Contributor(book_id=number, author_id=author.id, author=author, role="aut", position=0)]
    book.genre_links = [BookGenre(book_id=number, genre_id=genre.id, genre=genre, position=0)]
    return numbered(book, number)
