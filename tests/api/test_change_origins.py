"""The origin of each change in the feed: the session, key, batch or renaming that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import user_id
from tests.support.change_feed import following, summaries
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.users import SignedInUser


class TestOrigins:
    def test_of_a_session_and_a_key(self, client: Client, alice: SignedInUser) -> None:
        alice.client.post("/authors", json={"name": "Ann"}).raise_for_status()
        client.as_bearer(alice.new_key()).post("/authors", json={"name": "Bea"}).raise_for_status()
        origins = [(change["via"], change["actor_id"], change["batch_id"]) for change in client.get("/changes").json()]
        assert origins == [("session", alice.user_id, None), ("key", alice.user_id, None)]

    def test_of_a_batch(self, client: Client, member: Client, make: Factory) -> None:
        author_id = make.author(member)["id"]
        end = client.get("/changes?since=now")
        books = [{"title": title, "author_id": author_id, "isbn": isbn13(at)} for at, title in enumerate(("A", "B"))]
        reply = member.post("/books/batch", json={"books": [*books, {"title": "", "author_id": author_id}]}).json()
        changes = following(client, end).json()
        assert [change["after"] for change in changes] == [result["book"] for result in reply["results"][:2]]
        assert {change["batch_id"] for change in changes} == {reply["batch_id"]} != {None}
        assert {(change["via"], change["actor_id"]) for change in changes} == {("session", user_id(member))}
        again = member.post("/books/batch", json={"books": books}).json()
        assert (again["batch_id"], following(client, following(client, end)).json()) == (None, [])

    def test_of_the_books_of_an_author_who_is_renamed(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, by="Jane Austin")
        other = make.user()
        end = client.get("/changes?since=now")
        other.patch(f"/authors/{book['author_id']}", json={"name": "Jane Austen"}).raise_for_status()
        changes = following(client, end).json()
        assert [(change["kind"], change["via"]) for change in changes] == [("author", "session"), ("book", "rename")]
        assert {change["actor_id"] for change in changes} == {user_id(other)}
        assert changes[1]["after"]["contributors"][0]["name"] == "Jane Austen"

    def test_of_a_genre_that_is_renamed(self, client: Client, admin: Client, member: Client, make: Factory) -> None:
        author_id = make.author(member)["id"]
        books = [make.book(member, author_id=author_id, genres=["SF"]) for _ in range(2)]
        end = client.get("/changes?since=now")
        admin.post("/genres/rename", json={"name": "SF", "new_name": "Science fiction"}).raise_for_status()
        changes = following(client, end).json()
        assert sorted(summaries(changes)) == sorted(("book", book["id"], 2, "updated") for book in books)
        assert {change["actor_id"] for change in changes} == {user_id(admin)}
        assert len({change["batch_id"] for change in changes} - {None}) == 1

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_what_changes_nothing_leaves_nothing(
        self, client: Client, member: Client, make: Factory, *, method: str
    ) -> None:
        book = make.book(member, title="Emma")
        end = client.get("/changes?since=now")
        member.request(method, f"/books/{book['id']}", json={"title": "Emma"}).raise_for_status()
        member.request(method, f"/authors/{book['author_id']}", json={"bio": None}).raise_for_status()
        assert following(client, end).json() == []

    def test_a_write_that_fails_leaves_nothing(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, isbn=isbn13(1))
        end = client.get("/changes?since=now")
        refused = [
            member.post("/books", json={"title": "B", "author_id": book["author_id"], "isbn": isbn13(1)}),
            member.delete(f"/authors/{book['author_id']}"),
            make.user().delete(f"/books/{book['id']}"),
        ]
        assert [reply.status_code for reply in refused] == [409, 409, 403]
        assert following(client, end).json() == []
