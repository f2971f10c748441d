"""What authentication costs: one query for a request with a token, and none for an anonymous read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from devtools.databases import counted_queries
from tests.support.time_shift import key_was_used

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.users import SignedInUser

OF_ACCESS = ("users", "sessions", "api_keys", "refresh_tokens")


def about_access(statements: list[str]) -> list[str]:
    """Those that have to do with users and what they come with."""
    return [sent for sent in statements if any(f" {table}" in sent for table in OF_ACCESS)]


class TestReads:
    @pytest.mark.parametrize("path", ["/books/{}", "/books", "/books?q=emma", "/authors", "/genres"])
    def test_ask_nothing_of_who_it_is(
        self, make: Factory, alice: SignedInUser, database: DatabaseInside, path: str
    ) -> None:
        book = make.book(alice.client, title="Emma")
        with counted_queries(database.engine) as statements:
            alice.anonymous.get(path.format(book["id"])).raise_for_status()
        anonymous = list(statements)
        with counted_queries(database.engine) as statements:
            alice.client.get(path.format(book["id"])).raise_for_status()
        assert about_access(anonymous) == []
        assert list(statements) == anonymous

    def test_of_one_book_are_one_statement(self, make: Factory, alice: SignedInUser, database: DatabaseInside) -> None:
        book = make.book(alice.client)
        alice.anonymous.has_twin = False
        with counted_queries(database.engine) as statements:
            alice.anonymous.get(f"/books/{book['id']}").raise_for_status()
        assert len(statements) == 1


class TestWrites:
    def test_look_the_session_up_before_and_last(
        self, make: Factory, alice: SignedInUser, database: DatabaseInside
    ) -> None:
        author = make.author(alice.client)
        with counted_queries(database.engine) as statements:
            alice.client.post("/books", json={"title": "Emma", "author_id": author["id"]}).raise_for_status()
        [known, still_known] = about_access(statements)
        assert known.startswith("SELECT")
        assert still_known == statements[-1]

    def test_with_a_key_look_that_up_before_and_last(
        self, make: Factory, alice: SignedInUser, database: DatabaseInside
    ) -> None:
        author, program = make.author(alice.client), self.program(alice)
        with counted_queries(database.engine) as statements:
            program.post("/books", json={"title": "Emma", "author_id": author["id"]}).raise_for_status()
        [known, still_known] = about_access(statements)
        assert known.startswith("SELECT")
        assert still_known == statements[-1]

    def program(self, user: SignedInUser) -> Client:
        return user.anonymous.as_bearer(user.new_key())


class TestRefresh:
    def test_is_a_handful_of_statements(self, alice: SignedInUser, database: DatabaseInside) -> None:
        with counted_queries(database.engine) as statements:
            alice.refresh()
        assert len(statements) <= 8


class TestUseOfAKey:
    @pytest.mark.parametrize(("ago", "noted"), [(0, False), (59, False), (61, True), (3600, True)])
    def test_is_noted_once_a_minute(
        self, alice: SignedInUser, database: DatabaseInside, ago: int, *, noted: bool
    ) -> None:
        key = alice.new_key()
        key_was_used(database, key, ago=timedelta(seconds=ago))
        [before] = alice.client.get("/auth/keys").json()
        with counted_queries(database.engine) as statements:
            alice.anonymous.as_bearer(key).get("/auth/me").raise_for_status()
        [after] = alice.client.get("/auth/keys").json()
        assert any(sent.startswith("UPDATE") for sent in statements) is noted
        assert (after["last_used_at"] != before["last_used_at"]) is noted

    def test_is_not_known_before_the_first(self, alice: SignedInUser) -> None:
        body = {"name": "unused", "scopes": ["books:read"]}
        assert alice.client.post("/auth/keys", json=body).json()["last_used_at"] is None
