"""Undoing changes, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.factories import Factory

CHANGING = {"version", "updated_at", "updated_by"}


def last_change(client: Client, path: str) -> dict[str, Any]:
    """The latest change of a record."""
    change: dict[str, Any] = client.get(f"{path}/history").json()[0]
    return change


def undo(client: Client, change: dict[str, Any], **options: str) -> httpx.Response:
    """Undo a change."""
    return client.post(f"/changes/{change['id']}/undo", params=options)


def content(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what each version sets."""
    return {name: value for name, value in record.items() if name not in CHANGING}


@pytest.fixture
def book(member: Client, make: Factory) -> dict[str, Any]:
    return make.book(
        member, title="Emma", by="Jane Austen", isbn=isbn13(1), pages=512, genres=["Fiction"], series="Works"
    )


def path(book: dict[str, Any]) -> str:
    return f"/books/{book['id']}"


class TestUpdate:
    def test_gives_the_changed_fields_their_former_values(self, member: Client, book: dict[str, Any]) -> None:
        member.patch(path(book), json={"title": "Emma!", "pages": None, "genres": ["Classics"]}).raise_for_status()
        reply = undo(member, last_change(member, path(book)))
        assert reply.status_code == 200
        assert reply.json()["records"] == 1
        effect = {"kind": "book", "record_id": book["id"], "action": "updated"}
        assert reply.json()["effects"] == [effect | {"fields": ["title", "pages", "genres", "sort_title"]}]
        now = member.get(path(book)).json()
        assert content(now) == content(book)
        assert now["version"] == 3
        change = last_change(member, path(book))
        assert (change["action"], change["via"], change["version"]) == ("updated", "undo", 3)

    def test_of_contributors(self, member: Client, make: Factory, book: dict[str, Any]) -> None:
        other = make.author(member)
        parts = [{"author_id": other["id"]}, {"author_id": book["author_id"], "role": "trl"}]
        member.patch(path(book), json={"contributors": parts, "author_id": other["id"]}).raise_for_status()
        assert undo(member, last_change(member, path(book))).status_code == 200
        assert content(member.get(path(book)).json()) == content(book)

    def test_leaves_later_changes_of_other_fields(self, member: Client, book: dict[str, Any]) -> None:
        member.patch(path(book), json={"title": "Emma!"}).raise_for_status()
        change = last_change(member, path(book))
        member.patch(path(book), json={"pages": 100}).raise_for_status()
        assert undo(member, change).status_code == 200
        assert content(member.get(path(book)).json()) == content(book) | {"pages": 100}

    def test_lists_the_fields_that_were_changed_since(self, member: Client, book: dict[str, Any]) -> None:
        member.patch(path(book), json={"title": "Emma!", "pages": 100}).raise_for_status()
        change = last_change(member, path(book))
        member.patch(path(book), json={"title": "Emma?"}).raise_for_status()
        reply = undo(member, change)
        assert refusal(reply) == (409, "undo_conflict")
        assert reply.json()["errors"] == [
            {"pointer": f"{path(book)}/{name}", "detail": "has been changed since"} for name in ("title", "sort_title")
        ]
        assert member.get(path(book)).json()["pages"] == 100

    def test_of_an_undo_repeats_the_change(self, member: Client, book: dict[str, Any]) -> None:
        changed = member.patch(path(book), json={"title": "Emma!"}).json()
        undo(member, last_change(member, path(book))).raise_for_status()
        undo(member, last_change(member, path(book))).raise_for_status()
        assert member.get(path(book)).json()["title"] == changed["title"]

    def test_twice_has_nothing_to_undo(self, member: Client, book: dict[str, Any]) -> None:
        member.patch(path(book), json={"title": "Emma!"}).raise_for_status()
        change = last_change(member, path(book))
        assert undo(member, change).status_code == 200
        assert refusal(undo(member, change)) == (409, "nothing_to_undo")
        assert member.get(path(book)).json()["version"] == 3

    def test_of_a_name_renames_the_author_in_the_books(self, member: Client, book: dict[str, Any]) -> None:
        author = f"/authors/{book['author_id']}"
        member.patch(author, json={"name": "J. Austen"}).raise_for_status()
        follows = last_change(member, path(book))
        assert refusal(undo(member, follows)) == (409, "nothing_to_undo")  # the name follows from the author's
        assert undo(member, last_change(member, author)).status_code == 200
        assert content(member.get(path(book)).json()) == content(book)
        assert member.get(author).json()["sort_name"] == "Austen, Jane"

    def test_of_a_deleted_record_is_a_conflict(self, member: Client, book: dict[str, Any]) -> None:
        member.patch(path(book), json={"title": "Emma!"}).raise_for_status()
        change = last_change(member, path(book))
        member.delete(path(book)).raise_for_status()
        reply = undo(member, change)
        assert refusal(reply) == (409, "undo_conflict")
        assert reply.json()["errors"] == [{"pointer": path(book), "detail": "the record has been deleted since"}]


class TestDeletion:
    def test_restores_the_record_under_its_id(self, member: Client, book: dict[str, Any]) -> None:
        member.delete(path(book)).raise_for_status()
        assert refusal(member.get(path(book))) == (404, "book_deleted")
        assert undo(member, last_change(member, path(book))).status_code == 200
        now = member.get(path(book)).json()
        assert content(now) == content(book)
        assert now["version"] == 3
        assert last_change(member, path(book))["action"] == "restored"
        assert [found["id"] for found in member.get("/books", params={"q": "emma austen fiction"}).json()] == [
            book["id"]
        ]
        assert member.get(f"/books/isbn/{isbn13(1)}").json() == now

    def test_that_was_followed_by_another(self, member: Client, book: dict[str, Any]) -> None:
        member.delete(path(book)).raise_for_status()
        first = last_change(member, path(book))
        undo(member, first).raise_for_status()
        member.patch(path(book), json={"title": "Emma!"}).raise_for_status()
        member.delete(path(book)).raise_for_status()
        reply = undo(member, first)
        assert refusal(reply) == (409, "undo_conflict")
        assert reply.json()["errors"][0]["detail"] == "the record was restored and deleted again since"
        assert undo(member, last_change(member, path(book))).status_code == 200
        assert (member.get(path(book)).json()["title"], member.get(path(book)).json()["version"]) == ("Emma!", 6)

    def test_of_an_author(self, member: Client, make: Factory) -> None:
        author = make.author(member, name="Émile Zola", birth_year=1840)
        member.delete(f"/authors/{author['id']}").raise_for_status()
        assert refusal(member.get(f"/authors/{author['id']}")) == (404, "author_deleted")
        assert undo(member, last_change(member, f"/authors/{author['id']}")).status_code == 200
        assert content(member.get(f"/authors/{author['id']}").json()) == content(author)
        assert len(member.get("/authors", params={"q": "zola"}).json()) == 1

    def test_where_the_isbn_is_taken(self, member: Client, make: Factory, book: dict[str, Any]) -> None:
        member.delete(path(book)).raise_for_status()
        make.book(member, isbn=isbn13(1))
        reply = undo(member, last_change(member, path(book)))
        assert refusal(reply) == (409, "undo_conflict")
        assert reply.json()["errors"] == [{"pointer": f"{path(book)}/isbn", "detail": "another book has this ISBN now"}]

    def test_where_the_author_was_deleted_too(self, member: Client, book: dict[str, Any]) -> None:
        member.delete(path(book)).raise_for_status()
        member.delete(f"/authors/{book['author_id']}").raise_for_status()
        change = last_change(member, path(book))
        assert refusal(undo(member, change)) == (409, "undo_conflict")
        undo(member, last_change(member, f"/authors/{book['author_id']}")).raise_for_status()
        assert undo(member, change).status_code == 200

    def test_may_be_undone_by_the_owner_and_by_admins_only(
        self, member: Client, make: Factory, admin: Client, book: dict[str, Any]
    ) -> None:
        member.delete(path(book)).raise_for_status()
        change = last_change(member, path(book))
        assert refusal(undo(make.user(), change)) == (403, "not_owner")
        assert undo(admin, change).status_code == 200
        assert member.get(path(book)).json()["created_by"] == book["created_by"]


class TestCreation:
    def test_deletes_the_record(self, member: Client, book: dict[str, Any]) -> None:
        assert undo(member, last_change(member, path(book))).status_code == 200
        assert refusal(member.get(path(book))) == (404, "book_deleted")
        assert undo(member, last_change(member, path(book))).status_code == 200
        assert content(member.get(path(book)).json()) == content(book)

    def test_of_what_was_changed_since(self, member: Client, book: dict[str, Any]) -> None:
        creation = last_change(member, path(book))
        member.patch(path(book), json={"pages": 1}).raise_for_status()
        assert refusal(undo(member, creation)) == (409, "undo_conflict")

    def test_of_an_author_with_books(self, member: Client, book: dict[str, Any]) -> None:
        reply = undo(member, last_change(member, f"/authors/{book['author_id']}"))
        assert refusal(reply) == (409, "undo_conflict")


class TestRequest:
    def test_dry_run_changes_nothing(self, member: Client, book: dict[str, Any]) -> None:
        member.delete(path(book)).raise_for_status()
        change = last_change(member, path(book))
        reply = undo(member, change, dry_run="true").json()
        assert (reply["dry_run"], reply["records"], reply["effects"][0]["action"]) == (True, 1, "restored")
        assert refusal(member.get(path(book))) == (404, "book_deleted")
        assert last_change(member, path(book)) == change

    def test_of_a_change_that_is_not_there(self, member: Client) -> None:
        assert refusal(member.post("/changes/999999/undo")) == (404, "change_not_found")
        assert refusal(member.post("/batches/999999/undo")) == (404, "batch_not_found")
