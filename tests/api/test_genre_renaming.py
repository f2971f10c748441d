"""Admins rename genres, and merge them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.routers import facets
from app.services import genre_renaming
from tests.api.responses import faults, ids, refusal

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.factories import Factory


def rename(admin: Client, name: str, new_name: str, **more: Any) -> httpx.Response:
    return admin.post("/genres/rename", json={"name": name, "new_name": new_name, **more})


def result(answer: httpx.Response) -> tuple[int, bool]:
    assert answer.status_code == 200
    return answer.json()["books_changed"], answer.json()["complete"]


def genres(client: Client) -> dict[str, int]:
    return {genre["name"]: genre["books"] for genre in client.get("/genres").json()}


@pytest.fixture
def shelf(member: Client, make: Factory) -> list[dict[str, Any]]:
    """Books in two genres of the same meaning, one of them in both."""
    author_id = make.author(member)["id"]
    of_each = [["Sci-Fi", "Classics"], ["Science Fiction"], ["Classics", "Sci-Fi", "Science Fiction"], ["Classics"]]
    return [make.book(member, author_id=author_id, genres=genres) for genres in of_each]


class TestRename:
    def test_shows_in_every_book(self, client: Client, admin: Client, shelf: list[dict[str, Any]]) -> None:
        answer = rename(admin, "classics", "Great Books")
        assert result(answer) == (3, True)
        assert answer.json()["message"] == "genre 'classics' renamed to 'Great Books' in 3 books"
        books = [client.get(f"/books/{book['id']}").json() for book in shelf]
        assert [book["genres"] for book in books] == [
            ["Sci-Fi", "Great Books"],
            ["Science Fiction"],
            ["Great Books", "Sci-Fi", "Science Fiction"],
            ["Great Books"],
        ]
        assert [book["version"] for book in books] == [2, 1, 2, 2]
        assert all((book["updated_at"] > book["created_at"]) == (book["version"] == 2) for book in books)
        assert genres(client) == {"Great Books": 3, "Sci-Fi": 2, "Science Fiction": 2}

    def test_is_followed_by_filters_and_search(
        self, client: Client, admin: Client, shelf: list[dict[str, Any]]
    ) -> None:
        rename(admin, "Classics", "Masterpieces")
        renamed = {shelf[place]["id"] for place in (0, 2, 3)}
        for query in ("genre=masterpieces", "q=masterpieces", "q=mastrepieces"):
            assert set(ids(client.get(f"/books?{query}").json())) == renamed
        for query in ("genre=classics", "q=classics", "q=clasics"):
            assert client.get(f"/books?{query}").json() == []

    @pytest.mark.parametrize("new_name", ["CLASSICS", "Classiçs"])
    def test_may_change_the_spelling_alone(
        self, client: Client, admin: Client, shelf: list[dict[str, Any]], new_name: str
    ) -> None:
        assert result(rename(admin, "Classics", new_name)) == (3, True)
        assert genres(client) == {new_name: 3, "Sci-Fi": 2, "Science Fiction": 2}
        assert client.get(f"/books/{shelf[3]['id']}").json()["genres"] == [new_name]

    def test_to_the_same_name_changes_nothing(self, client: Client, admin: Client, shelf: list[dict[str, Any]]) -> None:
        assert result(rename(admin, "classics", "Classics")) == (0, True)
        assert client.get(f"/books/{shelf[3]['id']}").json() == shelf[3]

    def test_and_back_is_possible(self, client: Client, admin: Client, shelf: list[dict[str, Any]]) -> None:
        rename(admin, "Classics", "Great Books")
        rename(admin, "Great Books", "Classics")
        assert genres(client)["Classics"] == len([book for book in shelf if "Classics" in book["genres"]])

    def test_may_have_any_letters(self, client: Client, admin: Client, member: Client, make: Factory) -> None:
        make.book(member, genres=["A/B: 50 % ..\\?#"])
        assert result(rename(admin, "A/B: 50 % ..\\?#", "詩/poésie")) == (1, True)
        assert genres(client) == {"詩/poésie": 1}


class TestMerge:
    def test_unites_the_books_of_both(self, client: Client, admin: Client, shelf: list[dict[str, Any]]) -> None:
        assert result(rename(admin, "Sci-Fi", "science fiction", merge=True)) == (2, True)
        books = [client.get(f"/books/{book['id']}").json()["genres"] for book in shelf]
        merged = [["Science Fiction", "Classics"], ["Science Fiction"], ["Classics", "Science Fiction"], ["Classics"]]
        assert books == merged
        assert genres(client) == {"Classics": 3, "Science Fiction": 3}

    def test_must_be_asked_for(self, client: Client, admin: Client, shelf: list[dict[str, Any]]) -> None:
        assert refusal(rename(admin, "Sci-Fi", "Science Fiction")) == (409, "genre_exists")
        assert client.get(f"/books/{shelf[0]['id']}").json() == shelf[0]


class TestTurns:
    """Each transaction has some books; what takes longer is continued by the next request."""

    @pytest.fixture
    def one_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(genre_renaming, "BOOKS_AT_ONCE", 1)

    @pytest.mark.usefixtures("one_at_once")
    @pytest.mark.parametrize("new_name", ["Great Books", "CLASSICS", "Science Fiction"])
    def test_are_many(self, client: Client, admin: Client, shelf: list[dict[str, Any]], new_name: str) -> None:
        assert result(rename(admin, "Classics", new_name, merge=True)) == (3, True)
        assert "Classics" not in genres(client)
        assert len(client.get("/books", params={"genre": new_name}).json()) == len(shelf) - (
            new_name != "Science Fiction"
        )

    @pytest.mark.usefixtures("one_at_once")
    @pytest.mark.parametrize("new_name", ["Great Books", "CLASSICS"])
    def test_that_take_too_long_are_continued(
        self,
        client: Client,
        admin: Client,
        shelf: list[dict[str, Any]],
        new_name: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        clock = iter(range(100))
        monkeypatch.setattr(facets, "monotonic", lambda: next(clock))
        monkeypatch.setattr(facets, "SECONDS", 2)
        first = rename(admin, "Classics", new_name)
        assert result(first) == (1, False)
        assert first.json()["message"].endswith('; more remain: send the request again with "merge": true')
        names = [client.get(f"/books/{book['id']}").json()["genres"] for book in shelf]
        assert [[name for name in some if name in {"Classics", new_name}] for some in names] == [
            [new_name],
            [],
            ["Classics"],
            ["Classics"],
        ]
        monkeypatch.setattr(facets, "SECONDS", 50)
        assert result(rename(admin, "Classics", new_name, merge=True)) == (2, True)
        assert genres(client) == {new_name: 3, "Sci-Fi": 2, "Science Fiction": 2}


class TestRefused:
    def test_is_a_genre_that_does_not_exist(self, admin: Client) -> None:
        answer = rename(admin, "Missing", "Found")
        assert refusal(answer) == (400, "genre_missing")
        assert faults(answer) == [("/name", "there is no genre with that name")]

    @pytest.mark.usefixtures("shelf")
    def test_is_a_member(self, client: Client, member: Client) -> None:
        assert refusal(rename(member, "Classics", "Great Books")) == (403, "not_admin")
        assert "Classics" in genres(client)

    @pytest.mark.parametrize(
        ("body", "where"),
        [
            ({"new_name": "Found"}, "/name"),
            ({"name": "Classics"}, "/new_name"),
            ({"name": "Classics", "new_name": " "}, "/new_name"),
            ({"name": "Classics", "new_name": "x" * 101}, "/new_name"),
            ({"name": "Classics", "new_name": "a\x1fb"}, "/new_name"),
            ({"name": "Classics", "new_name": "Found", "merge": "yes"}, "/merge"),
            ({"name": "Classics", "new_name": "Found", "id": 5}, "/id"),
        ],
    )
    def test_is_what_is_no_name(self, admin: Client, body: dict[str, Any], where: str) -> None:
        answer = admin.post("/genres/rename", json=body)
        assert [fault[0] for fault in faults(answer)] == [where]
