"""Authors as they change: their fields, their sort names, and the books that show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

NO_SUCH_ID = 10**17
AUSTEN = {"name": "Jane Austen", "bio": "Novelist.", "country": "England", "birth_year": 1775, "death_year": 1817}


@pytest.fixture
def austen(member: Client, make: Factory) -> dict[str, Any]:
    """An author who says everything."""
    return make.author(member, **AUSTEN)


@pytest.fixture(params=["PUT", "PATCH"])
def method(request: pytest.FixtureRequest) -> str:
    """What holds for the one holds for the other."""
    return str(request.param)


class TestFields:
    @pytest.mark.parametrize(
        ("field", "sent", "kept"),
        [
            ("name", " Ms  Austen ", "Ms  Austen"),
            ("sort_name", " Austen ", "Austen"),
            ("sort_name", "s" * 255, "s" * 255),
            ("bio", "b" * 10_000, "b" * 10_000),
            ("country", "c" * 100, "c" * 100),
            ("birth_year", -5000, -5000),
            ("birth_year", 0, 0),
            ("death_year", 9999, 9999),
            ("death_year", None, None),
        ],
        ids=lambda value: str(value)[:20],
    )
    def test_are_kept(
        self,
        member: Client,
        make: Factory,
        austen: dict[str, Any],
        *,
        method: str,
        field: str,
        sent: object,
        kept: object,
    ) -> None:
        reply = member.request(method, f"/authors/{austen['id']}", json={field: sent})
        assert (reply.status_code, reply.json()["status"], reply.json()["version"]) == (200, "success", 2)
        created = make.author(member, **AUSTEN | {field: sent})
        assert reply.json()[field] == created[field] == member.get(f"/authors/{austen['id']}").json()[field] == kept

    @pytest.mark.parametrize(
        ("field", "sent", "detail"),
        [
            ("name", None, "must be a string"),
            ("name", " ", "must not be empty"),
            ("name", "x" * 256, "must have at most 255 characters"),
            ("sort_name", "", "must not be empty"),
            ("sort_name", "x" * 256, "must have at most 255 characters"),
            ("sort_name", "a\0", "must not contain control characters or line breaks"),
            ("bio", "x" * 10_001, "must have at most 10000 characters"),
            ("country", "x" * 101, "must have at most 100 characters"),
            ("birth_year", -5001, "must be at least -5000"),
            ("birth_year", "1775", "must be an integer"),
            ("death_year", 10_000, "must be at most 9999"),
            ("death_year", True, "must be an integer"),
            ("author_id", 1, "is not a known field"),
        ],
        ids=lambda value: str(value)[:20],
    )
    def test_are_refused(
        self, member: Client, austen: dict[str, Any], *, method: str, field: str, sent: object, detail: str
    ) -> None:
        replies = [
            member.request(method, f"/authors/{austen['id']}", json={field: sent}),
            member.post("/authors", json=AUSTEN | {field: sent}),
        ]
        assert [(refusal(reply), faults(reply)) for reply in replies] == [
            ((400, "invalid_request"), [(f"/{field}", detail)])
        ] * 2
        assert member.get("/authors").json() == [austen]

    def test_are_one_at_least(self, member: Client, austen: dict[str, Any], method: str) -> None:
        reply = member.request(method, f"/authors/{austen['id']}", json={})
        assert faults(reply) == [("", "must have at least one field")]

    def test_that_do_not_differ_are_no_new_version(self, member: Client, austen: dict[str, Any], method: str) -> None:
        reply = member.request(method, f"/authors/{austen['id']}", json=AUSTEN | {"sort_name": "Austen, Jane"})
        assert austen.items() <= reply.json().items()


class TestSortName:
    @pytest.mark.parametrize(
        ("given", "change", "stands"),
        [
            ({}, {"name": "Emily Brontë"}, "Brontë, Emily"),
            ({}, {"country": "Wales"}, "Austen, Jane"),
            ({}, {"sort_name": "Austen"}, "Austen"),
            ({"sort_name": "Miss Austen"}, {"name": "Emily Brontë"}, "Miss Austen"),
            ({"sort_name": "Miss Austen"}, {"sort_name": None}, "Austen, Jane"),
            ({"sort_name": "Miss Austen"}, {"sort_name": None, "name": "Homer"}, "Homer"),
            ({"sort_name": "Miss Austen"}, {"sort_name": "Ellis", "name": "Ellis Bell"}, "Ellis"),
        ],
        ids=str,
    )
    def test_follows_the_name_unless_it_was_given(
        self, member: Client, make: Factory, *, method: str, given: dict[str, str], change: dict[str, str], stands: str
    ) -> None:
        author = make.author(member, **AUSTEN | given)
        assert author["sort_name"] == given.get("sort_name", "Austen, Jane")
        changed = member.request(method, f"/authors/{author['id']}", json=change).raise_for_status().json()
        assert changed["sort_name"] == stands


class TestBooks:
    def test_that_show_the_name_follow(
        self, member: Client, make: Factory, austen: dict[str, Any], method: str
    ) -> None:
        book = make.book(member, author_id=austen["id"])
        other = make.book(member)
        seen = {"If-None-Match": member.get(f"/books/{book['id']}").headers["ETag"]}
        assert member.get(f"/books/{book['id']}", headers=seen).status_code == 304
        member.request(method, f"/authors/{austen['id']}", json={"name": "J. Austen"}).raise_for_status()
        reply = member.get(f"/books/{book['id']}", headers=seen)
        assert (reply.status_code, reply.json()["contributors"][0]["name"]) == (200, "J. Austen")
        assert (reply.json()["version"], reply.json()["updated_at"] > book["updated_at"]) == (2, True)
        assert member.get(f"/books/{other['id']}").json() == other
        stale = {"If-Match": seen["If-None-Match"]}
        assert refusal(member.put(f"/books/{book['id']}", json={"pages": 1}, headers=stale)) == (
            412,
            "version_mismatch",
        )

    def test_stay_when_something_else_changes(
        self, member: Client, make: Factory, austen: dict[str, Any], method: str
    ) -> None:
        book = make.book(member, author_id=austen["id"])
        change = {"country": "Wales", "sort_name": "A"}
        member.request(method, f"/authors/{austen['id']}", json=change).raise_for_status()
        assert member.get(f"/books/{book['id']}").json() == book


class TestIfMatch:
    def test_of_one_that_changed_meanwhile(self, member: Client, austen: dict[str, Any], method: str) -> None:
        path = f"/authors/{austen['id']}"
        seen = {"If-Match": member.get(path).headers["ETag"]}
        assert member.request(method, path, json={"bio": "New."}, headers=seen).status_code == 200
        replies = [member.request(method, path, json={"bio": "x"}, headers=seen), member.delete(path, headers=seen)]
        assert [refusal(reply) for reply in replies] == [(412, "version_mismatch")] * 2


class TestWho:
    def test_anyone_who_is_signed_in_may_change(self, make: Factory, austen: dict[str, Any], method: str) -> None:
        reply = make.user().request(method, f"/authors/{austen['id']}", json={"bio": "x"})
        assert (reply.status_code, reply.json()["message"]) == (200, "author 'Jane Austen' updated")

    @pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
    def test_requires_a_token_and_an_existing_author(self, client: Client, member: Client, verb: str) -> None:
        path = f"/authors/{NO_SUCH_ID}"
        assert refusal(client.request(verb, path, json={})) == (401, "token_missing")
        assert refusal(member.request(verb, path, json={"bio": "x"})) == (404, "author_not_found")


class TestDelete:
    def test_who_made_it_may(self, member: Client, austen: dict[str, Any]) -> None:
        reply = member.delete(f"/authors/{austen['id']}")
        assert (reply.status_code, reply.json()) == (
            200,
            {"status": "success", "message": "author 'Jane Austen' deleted"},
        )
        assert refusal(member.get(f"/authors/{austen['id']}")) == (404, "author_deleted")

    def test_others_may_not(self, client: Client, make: Factory, austen: dict[str, Any]) -> None:
        assert refusal(make.user().delete(f"/authors/{austen['id']}")) == (403, "not_owner")
        assert client.get(f"/authors/{austen['id']}").json() == austen

    @pytest.mark.parametrize("role", ["aut", "trl"])
    def test_not_while_there_are_books(self, member: Client, make: Factory, austen: dict[str, Any], role: str) -> None:
        main = {"author_id": make.author(member)["id"]}
        book = make.book(member, contributors=[main, {"author_id": austen["id"], "role": role}])
        assert refusal(member.delete(f"/authors/{austen['id']}")) == (409, "author_has_books")
        member.delete(f"/books/{book['id']}").raise_for_status()
        assert member.delete(f"/authors/{austen['id']}").status_code == 200
