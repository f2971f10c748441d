"""The kinds of read that are measured, each through the service's own queries."""
# ruff: noqa: S311, PLR2004  (nothing here is a secret; the numbers are how many letters or books make a fair sample)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Text, cast, func, select

from app.models import BookGenre, Contributor, Genre
from app.queries.authors import AuthorReader
from app.queries.book_filters import IN_SERIES, ORDERS
from app.queries.books import BookReader
from app.queries.facets import FacetReader
from app.queries.keyset import Order, page_of
from app.schemas.facets import NamesQuery
from app.schemas.lists import AuthorFilters, BookFilters
from app.schemas.pages import PageQuery
from app.search.words import words
from bench.catalogue import FREQUENT_GENRES, Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Select

    from app.database import Database
    from app.queries.keyset import SortValues

SAMPLES = 200
FREQUENT = ["the", "the of", "of fiction", "science fiction", "fiction history", "romance the", "de la", "a romance"]
FLAT, SEARCH, OTHER = "flat", "search", "other"

Call = Callable[[Connection], object]


@dataclass(frozen=True)
class Read:
    """One kind of read, with its arguments for successive calls."""

    name: str
    promise: str
    """FLAT: at most 1.3 times the time of the small catalogue. SEARCH: a p95 under 50 ms. OTHER: none."""
    calls: list[Call]


class Reads:
    """All kinds of read, for one filled database; the same kinds in the same order for both sizes."""

    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self.database = database
        self.books = catalogue.size.books
        self.rng = Random(catalogue.seed)
        self.sampled = [catalogue.book(number) for number in self._some(self.books, 10 * SAMPLES)]
        self.authors = self._some(catalogue.size.authors, SAMPLES)

    def all(self) -> list[Read]:
        """Every kind."""
        return [*self._single(), *self._sorted(), *self._of_one_user(), *self._searches(), *self._others()]

    def _some(self, count: int, samples: int) -> list[int]:
        return self.rng.sample(range(1, count + 1), min(samples, count))

    def _single(self) -> Iterator[Read]:
        yield Read("a book by id", FLAT, [_book(book["id"]) for book in self.sampled[:SAMPLES]])
        isbns = [book["isbn"] for book in self.sampled if book["isbn"]][:SAMPLES]
        yield Read("a book by ISBN", FLAT, [_isbn(isbn) for isbn in isbns])
        yield Read("an author by id", FLAT, [_author(number) for number in self.authors])

    def _sorted(self) -> Iterator[Read]:
        for name, order in ORDERS.items():
            if name in IN_SERIES:
                continue  # a series is read as a filter is
            filters = BookFilters.model_validate({"sort": name})
            yield Read(f"first page, sort={name}", FLAT, [_page(filters, None)])
            query = select(*order.columns).order_by(*order.sorted())
            keys = self._keys(query, order, self.books // 2)
            yield Read(f"deep page, sort={name}", FLAT, [_page(filters, key) for key in keys])
        by_name = AuthorFilters.model_validate({"sort": "name"})
        yield Read("authors by name", FLAT, [_authors(by_name)])

    def _keys(self, query: Select[Any], order: Order, offset: int) -> list[SortValues | None]:
        """The sort values of rows at that depth of a list."""
        with self.database.reading() as connection:
            rows = connection.execute(query.offset(offset).limit(SAMPLES)).all()
        return [page_of([(*row, "{}"), ()], 1, order).after for row in rows]

    def _of_one_user(self) -> Iterator[Read]:
        busy = select(Contributor.author_id).group_by(Contributor.author_id)
        some = busy.having(func.count().between(20, 200)).order_by(func.md5(cast(Contributor.author_id, Text)))
        with self.database.reading() as connection:
            authors = connection.scalars(some.limit(SAMPLES)).all()
            most = connection.scalars(busy.order_by(func.count().desc()).limit(20)).all()
            sizes = select(Genre.name, func.count(), func.max(BookGenre.book_id)).join(BookGenre).group_by(Genre.name)
            genres = connection.execute(sizes.where(Genre.name.in_(FREQUENT_GENRES[:15]))).all()
        twenty = PageQuery.model_validate({"limit": 20})
        yield Read("an author's books (20)", FLAT, [_books_of(author, twenty) for author in authors])
        yield Read("a prolific author's books (20)", FLAT, [_books_of(author, twenty) for author in most])
        pages: list[tuple[BookFilters, SortValues]] = [
            (BookFilters.model_validate({"genre": [name]}), [last // 2]) for name, _, last in genres
        ]
        yield Read("a genre's first page", FLAT, [_page(filters, None) for filters, _ in pages])
        yield Read("a genre's page, deep", FLAT, [_page(filters, key) for filters, key in pages])
        newest = [BookFilters.model_validate({"genre": [name], "sort": "-updated_at"}) for name, *_ in genres]
        yield Read("a genre's page, sort=-updated_at", OTHER, [_page(filters, None) for filters in newest])
        tags = [BookFilters.model_validate({"language": tag}) for tag in ("en", "fr", "de", "ja", "es")]
        yield Read("a language's first page", OTHER, [_page(filters, None) for filters in tags])

    def _searches(self) -> Iterator[Read]:
        two = self.two_words()
        yield Read("search: two words", SEARCH, list(_found(two)))
        yield Read("search: a prefix", SEARCH, list(_found(self._prefixes(4))))
        yield Read("search: a prefix of 2 letters", SEARCH, list(_found(self._prefixes(2))))
        yield Read("search: a prefix of 1 letter", OTHER, list(_found("abcdefghiklmnoprstuw")))
        wrong = [_misspelt(self.rng, text) for text in two if max(map(len, text.split())) > 4]
        yield Read("search: misspelt", SEARCH, list(_found(wrong)))
        yield Read("search: the most frequent words", OTHER, list(_found(FREQUENT)))
        han = [book["title"][:2] for book in self.sampled if book["language"] in {"ja", "zh"}]
        yield Read("search: two Han letters", OTHER, list(_found(han[:SAMPLES])))
        one = [text.split()[0] for text in two]
        yield Read("search: one word, by title", OTHER, list(_found(one, sort="title")))
        yield Read("search: one word, in French", OTHER, list(_found(one, language="fr")))
        name = [AuthorFilters.model_validate({"q": book["contributors"][0]["name"]}) for book in self.sampled[:SAMPLES]]
        yield Read("search: an author's name", SEARCH, [_authors(filters) for filters in name])

    def two_words(self) -> list[str]:
        """Queries of a user who looks for a book and knows two words."""
        rng = Random(1)
        return [text for book in self.sampled for text in two_words_of(rng, book)][:SAMPLES]

    def _prefixes(self, letters: int) -> list[str]:
        found = [word for book in self.sampled for word in words(book["title"])[-1:] if len(word) > letters]
        return [word[:letters] for word in found if word.isascii()][:SAMPLES]

    def _others(self) -> Iterator[Read]:
        page = NamesQuery.model_validate({})
        yield Read(
            "genres, with their books counted", OTHER, [lambda connection: FacetReader(connection).genres(page, None)]
        )
        yield Read("languages, likewise", OTHER, [lambda connection: FacetReader(connection).languages(page, None)])


def two_words_of(rng: Random, book: dict[str, Any]) -> list[str]:
    """A query for the book: two words of its title, or one and its author's name."""
    title = [word for word in words(book["title"]) if len(word) > 2]
    name = words(book["contributors"][0]["name"])[-1]
    if not title or book["language"] in {"ja", "zh"}:
        return []
    return [" ".join(rng.sample(title, 2)) if len(title) > 1 and rng.random() < 0.5 else f"{rng.choice(title)} {name}"]


def _misspelt(rng: Random, text: str) -> str:
    """The text with a typo in its longest word: a letter missing, or two transposed."""
    word = max(text.split(), key=len)
    place = rng.randrange(1, len(word) - 1)
    left_out = word[:place] + word[place + 1 :]
    changed_about = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return text.replace(word, rng.choice([left_out, changed_about]), 1)


def _found(texts: Iterable[str], **others: str) -> Iterator[Call]:
    for text in texts:
        yield _page(BookFilters.model_validate({"q": text, **others}), None)


def _book(number: int) -> Call:
    return lambda connection: BookReader(connection).find(number)


def _isbn(isbn: str) -> Call:
    return lambda connection: BookReader(connection).find_by_isbn(isbn)


def _author(number: int) -> Call:
    return lambda connection: AuthorReader(connection).find(number)


def _page(filters: BookFilters, after: SortValues | None) -> Call:
    return lambda connection: BookReader(connection).page(filters, after)


def _authors(filters: AuthorFilters) -> Call:
    return lambda connection: AuthorReader(connection).page(filters, None)


def _books_of(author: int, wanted: PageQuery) -> Call:
    return lambda connection: BookReader(connection).page_of_author(author, wanted, None)
