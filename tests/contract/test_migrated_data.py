"""Migrations with data in them: nothing is lost on the way up, and nothing of what was there on the way down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from app.database import Database
from app.domain.names import name_key
from app.domain.sort_keys import filter_key, person_key, sort_key
from app.domain.sort_names import sort_name_of
from app.domain.sort_titles import sort_title_of
from app.main import create_app
from app.models import Author, Book, Contributor, Genre
from app.schemas.authors import AuthorReply
from app.schemas.books import BookReply
from app.search.index import SearchIndex, entry_of_author, entry_of_book
from devtools.databases import fresh_url, migrate, migrate_down, settings_for
from tests.contract.founding_data import AUTHORS, BOOKS, DELETED_ID, GENRES, NAMES, TITLES, fill, rows_of
from tests.contract.schema import snapshot
from tests.support.client import Client
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.openapi_contract import OpenApiContract

OF_SEARCH = ("book_search", "author_search", "search_words")
NEW_OF_BOOKS = (
    *("subtitle", "language", "publisher", "description", "pages", "series", "series_position", "cover_url"),
    *("published", "call_number", "location"),
)
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class RoundTrip:
    """A database migrated from 0001 to the newest revision, down, and up again; and its contents at each stop."""

    database: Database
    at_0001: list[Rows] = field(default_factory=list)
    at_head: list[Rows] = field(default_factory=list)
    searches: list[dict[str, list[tuple[Any, ...]]]] = field(default_factory=list)
    schemas: list[dict[str, Any]] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        return self.database.engine


def search_of(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All that search keeps."""
    first = "rowid" if engine.dialect.name == "sqlite" else "id"
    columns = dict.fromkeys(OF_SEARCH, f"{first}, title, everything") | {"search_words": "variant, word"}
    with engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(text(f"SELECT {columns[name]} FROM {name}"))))  # noqa: S608
            for name in OF_SEARCH
        }


@pytest.fixture(scope="module")
def round_trip(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RoundTrip]:
    folder = tmp_path_factory.mktemp("journey")
    with fresh_url(kind, server_url, folder) as url:
        database = Database.of(settings_for(url, instance_path=folder))
        trip = RoundTrip(database)
        migrate(trip.engine, "0001")
        fill(trip.engine)
        for down in (False, True):
            if down:
                migrate_down(trip.engine, "0001")
            trip.at_0001.append(rows_of(trip.engine))
            trip.schemas.append(snapshot(trip.engine))
            migrate(trip.engine)
            trip.at_head.append(rows_of(trip.engine))
            trip.searches.append(search_of(trip.engine))
            trip.schemas.append(snapshot(trip.engine))
        yield trip
        database.engine.dispose()


@pytest.fixture
def client(round_trip: RoundTrip, contract: OpenApiContract) -> Client:
    """An anonymous client of a service on that database."""
    return Client(
        create_app(settings_for(str(round_trip.engine.url), secret_key="x" * 32), round_trip.database), contract
    )


def without_documents(rows: Rows) -> Rows:
    return {
        table: [{name: value for name, value in row.items() if name != "document"} for row in entries]
        for table, entries in rows.items()
    }


class TestUpgrade:
    def test_begins_with_what_the_first_service_wrote(self, round_trip: RoundTrip) -> None:
        before = round_trip.at_0001[0]
        assert (len(before["books"]), len(before["authors"]), len(before["genres"])) == (BOOKS, AUTHORS, len(GENRES))
        assert len(before["book_genres"]) > BOOKS

    def test_changes_nothing_that_was_there(self, round_trip: RoundTrip) -> None:
        """Every row of every table: ids, fields, the order of genres, times, versions, owners."""
        assert without_documents(round_trip.at_head[0]) == without_documents(round_trip.at_0001[0])

    def test_makes_the_author_the_one_contributor(self, round_trip: RoundTrip) -> None:
        rows = select(Contributor.book_id, Contributor.author_id, Contributor.role, Contributor.position)
        with round_trip.database.reading() as connection:
            found = connection.execute(rows.order_by(Contributor.book_id)).all()
        books = round_trip.at_0001[0]["books"]
        assert list(map(tuple, found)) == [(book["id"], book["author_id"], "aut", 0) for book in books]

    def test_writes_the_documents_that_the_service_would_write(self, round_trip: RoundTrip) -> None:
        with round_trip.database.transaction() as db:
            for record, reply in ((Book, BookReply), (Author, AuthorReply)):
                wrong = [
                    (found.id, found.document)
                    for found in db.scalars(select(record))
                    if found.document != reply.model_validate(found, from_attributes=True).model_dump_json()
                ]
                assert wrong == []

    def test_fills_what_is_compared_and_sorted_by(self, round_trip: RoundTrip) -> None:
        with round_trip.database.transaction() as db:
            authors = db.scalars(select(Author)).all()
            assert [one.id for one in authors if one.sort_name != sort_name_of(one.name)] == []
            assert [one.id for one in authors if one.sort_key != person_key(one.sort_name)] == []
            assert {(one.birth_year, one.death_year) for one in authors} == {(None, None)}
            books = db.scalars(select(Book)).all()
            assert [book.id for book in books if book.sort_title != sort_title_of(book.title, book.language)] == []
            assert [book.id for book in books if book.title_key != sort_key(book.sort_title)] == []
            assert {getattr(book, name) for book in books for name in NEW_OF_BOOKS} == {None}

    def test_gives_genres_the_keys_that_filters_compare(self, round_trip: RoundTrip) -> None:
        with round_trip.database.transaction() as db:
            genres = db.scalars(select(Genre)).all()
            assert [genre.name for genre in genres if genre.filter_key != filter_key(genre.name)] == []
            assert [genre.name for genre in genres if genre.name_key != name_key(genre.name)] == []

    def test_keeps_for_search_what_the_service_would_keep(self, round_trip: RoundTrip) -> None:
        with round_trip.database.transaction() as db:
            authors, books = db.scalars(select(Author)).all(), db.scalars(select(Book)).all()
            db.execute(text("DELETE FROM search_words"))
            SearchIndex(db, "author").put(map(entry_of_author, authors))
            SearchIndex(db, "book").put(map(entry_of_book, books))
        assert search_of(round_trip.engine) == round_trip.searches[0]

    @pytest.mark.parametrize("title", TITLES, ids=lambda title: ascii(title[:20]))
    def test_lets_search_find_each_book_by_its_title(self, client: Client, title: str) -> None:
        assert title in [book["title"] for book in client.get("/books", params={"q": title, "limit": 5}).json()]

    @pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:20]))
    def test_lets_search_find_each_author_by_the_name(self, client: Client, name: str) -> None:
        assert name in [author["name"] for author in client.get("/authors", params={"q": name}).json()]

    @pytest.mark.parametrize("query", ["titel many", "Tilte 5 many", "brotne", "garcia marquez", "поэзия"])
    def test_lets_search_forgive(self, client: Client, query: str) -> None:
        assert client.get("/books", params={"q": query}).json()


class TestAfterwards:
    def test_ids_go_on_after_the_highest_that_was_ever_given(self, client: Client) -> None:
        member = Factory(client).user()
        assert member.get("/auth/me").json()["id"] == 4
        author = Factory(member).author(member, name="Newcomer after it all")
        assert author["id"] == AUTHORS + 1
        book = Factory(member).book(member, title="Begun afterwards", author_id=author["id"], genres=["Cli-fi"])
        assert book["id"] == DELETED_ID + 1
        assert member.get("/books", params={"q": "newcomer afterwards"}).json() == [book]
        assert member.delete(f"/books/{book['id']}").status_code == 200
        assert member.get("/books", params={"q": "newcomer afterwards"}).json() == []
        again = Factory(member).book(member, author_id=author["id"])
        assert again["id"] == book["id"] + 1
        assert member.delete(f"/books/{again['id']}").status_code == 200
        assert member.delete(f"/authors/{author['id']}").status_code == 200

    def test_what_was_moved_can_be_changed(self, client: Client, round_trip: RoundTrip) -> None:
        old = round_trip.at_0001[0]["books"][20]
        member = Factory(client).user()
        changed = member.patch(f"/books/{old['id']}", json={"subtitle": "Or, the next service", "genres": None}).json()
        assert (changed["version"], changed["created_by"]) == (old["version"] + 1, old["created_by"])
        assert member.get("/books", params={"q": "next service"}).json()[0]["id"] == old["id"]
        name = member.get(f"/authors/{old['author_id']}").json()["name"]
        assert changed["contributors"] == [{"author_id": old["author_id"], "name": name, "role": "aut"}]


class TestDowngrade:
    def test_leaves_what_was_there_byte_for_byte(self, round_trip: RoundTrip) -> None:
        assert round_trip.at_0001[1] == round_trip.at_0001[0]

    def test_leaves_the_tables_as_they_were(self, round_trip: RoundTrip) -> None:
        assert round_trip.schemas[2] == round_trip.schemas[0]

    def test_and_up_again_is_the_same_as_the_first_time(self, round_trip: RoundTrip) -> None:
        assert round_trip.at_head[1] == round_trip.at_head[0]
        assert round_trip.searches[1] == round_trip.searches[0]
        assert round_trip.schemas[3] == round_trip.schemas[1]


@pytest.fixture
def rich(own_url: str, contract: OpenApiContract) -> Iterator[tuple[Database, Client]]:
    """A database at the newest revision, and a service on it."""
    settings = settings_for(own_url)
    database = Database.of(settings)
    yield database, Client(create_app(settings, database), contract)
    database.engine.dispose()


class TestDowngradeOfWhatIsNew:
    def test_loses_only_what_the_old_service_had_no_place_for(self, rich: tuple[Database, Client]) -> None:
        database, client = rich
        member = Factory(client).user()
        author, translator = (Factory(member).author(member, name=name, birth_year=1900) for name in ("One", "Two"))
        parts = [{"author_id": translator["id"], "role": "trl"}, {"author_id": author["id"]}]
        book = Factory(member).book(
            member,
            author_id=author["id"],
            contributors=parts,
            series="A series",
            series_position=1.5,
            pages=3,
            language="en",
            genres=["B", "A"],
        )
        migrate_down(database.engine, "0001")
        with database.engine.connect() as connection:
            [old] = connection.execute(text("SELECT author_id, version, document FROM books")).all()
        assert (old.author_id, old.version) == (author["id"], 1)
        assert f'"author_id":{author["id"]},"isbn":null,"published_year":null,"genres":["B","A"]' in old.document
        assert "series" not in old.document
        migrate(database.engine)
        moved = client.get(f"/books/{book['id']}").json()
        only_author = [{"author_id": author["id"], "name": "One", "role": "aut"}]
        gone = {"contributors": only_author} | dict.fromkeys(("series", "series_position", "pages", "language"))
        assert moved == book | gone
