"""The history of a record, its earlier versions, and what is said of one that was deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select

from app.models import Change
from tests.api.responses import ids, pages, refusal, user_id

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

BODIES = {"books": {"title": "Persuasion"}, "authors": {"name": "George Eliot"}}
FIELDS = {"books": "pages", "authors": "birth_year"}


def as_before_the_fields(document: str | None) -> str | None:
    """A document as it was before the fields from `sort_title` on existed."""
    return document and re.sub(r',"(sort_title|aliases)":.*(?=,"created_at")', "", document)


@pytest.fixture(params=["books", "authors"])
def collection(request: pytest.FixtureRequest) -> str:
    """What holds for books holds for authors."""
    return str(request.param)


@pytest.fixture
def record(collection: str, member: Client, make: Factory) -> dict[str, Any]:
    """A record in its third version."""
    record = make.book(member) if collection == "books" else make.author(member)
    for value in (1, 2):
        body = {FIELDS[collection]: value}
        member.patch(f"/{collection}/{record['id']}", json=body).raise_for_status()
    return record


@pytest.fixture
def address(collection: str, record: dict[str, Any]) -> str:
    """Its address."""
    return f"/{collection}/{record['id']}"


class TestHistory:
    def test_is_newest_first(self, client: Client, member: Client, address: str, record: dict[str, Any]) -> None:
        newest, second, first = client.get(f"{address}/history").json()
        assert (newest["after"], newest["before"]) == (client.get(address).json(), second["after"])
        assert (first["before"], first["after"]) == (None, record)
        assert [change["version"] for change in (newest, second, first)] == [3, 2, 1]
        assert {change["actor_id"] for change in (newest, second, first)} == {user_id(member)}

    def test_has_pages(self, client: Client, address: str) -> None:
        found = list(pages(client, f"{address}/history?limit=2"))
        assert [len(page.json()) for page in found] == [2, 1]
        assert ids([change for page in found for change in page.json()]) == ids(client.get(f"{address}/history").json())

    def test_outlasts_the_record(self, client: Client, member: Client, address: str) -> None:
        member.delete(address).raise_for_status()
        deleted, *earlier = client.get(f"{address}/history").json()
        assert (deleted["action"], deleted["version"], deleted["after"], len(earlier)) == ("deleted", 4, None, 3)

    def test_may_be_empty(self, client: Client, address: str, database: DatabaseInside) -> None:
        """The record is older than the log, or its changes are not kept any more."""
        with database.transaction() as db:
            db.execute(delete(Change))
        assert client.get(f"{address}/history").json() == []

    def test_of_none(self, client: Client, collection: str) -> None:
        assert refusal(client.get(f"/{collection}/99999/history")) == (404, f"{collection[:-1]}_not_found")


class TestVersions:
    def test_are_what_the_record_was(
        self, client: Client, address: str, record: dict[str, Any], collection: str
    ) -> None:
        versions = [client.get(f"{address}/versions/{number}").json() for number in (1, 2, 3)]
        assert versions[0] == record
        assert [version[FIELDS[collection]] for version in versions[1:]] == [1, 2]
        assert versions[2] == client.get(address).json()

    def test_of_a_deleted_record(self, client: Client, member: Client, address: str, record: dict[str, Any]) -> None:
        last = client.get(address).json()
        member.delete(address).raise_for_status()
        assert client.get(f"{address}/versions/3").json() == last
        assert client.get(f"{address}/versions/1").json() == record

    @pytest.mark.parametrize("version", ["4", "99", str(2**31), str(2**63 - 1)])
    def test_that_never_were(self, client: Client, member: Client, address: str, *, version: str) -> None:
        assert refusal(client.get(f"{address}/versions/{version}")) == (404, "version_not_found")
        member.delete(address).raise_for_status()
        assert refusal(client.get(f"{address}/versions/{version}")) == (404, "version_not_found")

    def test_from_before_the_log(
        self, client: Client, member: Client, *, address: str, record: dict[str, Any], database: DatabaseInside
    ) -> None:
        """What a record was before its first change that is kept is in that change."""
        with database.transaction() as db:
            db.execute(delete(Change).where(Change.version < 3))
        assert client.get(f"{address}/versions/2").json()["version"] == 2
        assert refusal(client.get(f"{address}/versions/1")) == (404, "version_not_found")
        assert member.get(address).json()["version"] == 3
        assert record["version"] == 1

    def test_from_before_a_field_has_it_as_the_migration_gave_it(
        self, client: Client, member: Client, *, collection: str, make: Factory, database: DatabaseInside
    ) -> None:
        record = make.book(member) if collection == "books" else make.author(member)
        address = f"/{collection}/{record['id']}"
        member.delete(address).raise_for_status()
        with database.transaction() as db:
            for change in db.scalars(select(Change)):
                change.before, change.after = map(as_before_the_fields, (change.before, change.after))
        assert client.get(f"{address}/versions/1").json() == record
        deleted, created = client.get(f"{address}/history").json()
        assert deleted["before"] == created["after"] == record
        member.post(f"/changes/{deleted['id']}/undo").raise_for_status()
        restored = client.get(address).json()
        assert restored == record | {name: restored[name] for name in ("version", "updated_at", "updated_by")}


class TestDeleted:
    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    def test_says_since_when(
        self, client: Client, member: Client, *, address: str, collection: str, method: str
    ) -> None:
        member.delete(address).raise_for_status()
        body = BODIES[collection] if method in {"PUT", "PATCH"} else None
        reply = member.request(method, address, json=body)
        assert refusal(reply) == (404, f"{collection[:-1]}_deleted")
        assert reply.json()["deleted_at"] == client.get(f"{address}/history").json()[0]["at"]

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    def test_one_that_never_was_does_not(self, member: Client, *, collection: str, method: str) -> None:
        body = BODIES[collection] if method in {"PUT", "PATCH"} else None
        reply = member.request(method, f"/{collection}/99999", json=body)
        assert refusal(reply) == (404, f"{collection[:-1]}_not_found")
        assert "deleted_at" not in reply.json()

    def test_books_of_a_deleted_author(self, member: Client, make: Factory) -> None:
        author = make.author(member)
        member.delete(f"/authors/{author['id']}").raise_for_status()
        assert refusal(member.get(f"/authors/{author['id']}/books")) == (404, "author_deleted")

    def test_with_a_condition(self, member: Client, address: str, collection: str) -> None:
        member.delete(address).raise_for_status()
        reply = member.patch(address, json=BODIES[collection], headers={"If-Match": '"3"'})
        assert refusal(reply) == (404, f"{collection[:-1]}_deleted")

    def test_the_id_can_be_given_again(
        self, client: Client, member: Client, *, address: str, record: dict[str, Any], collection: str
    ) -> None:
        """Its versions go on: a tag or a version of the deleted record is never that of another."""
        member.delete(address).raise_for_status()
        body = BODIES[collection] | {"id": record["id"]}
        if collection == "books":
            body |= {"author_id": record["author_id"]}
        again = member.post(f"/{collection}", json=body).raise_for_status().json()
        assert again["version"] == 5
        newest, deleted, *_ = client.get(f"{address}/history").json()
        assert (newest["version"], newest["action"], newest["before"]) == (5, "created", None)
        assert (deleted["version"], deleted["action"]) == (4, "deleted")
        assert client.get(f"{address}/versions/1").json() == record

    def test_ids_can_be_given_again_in_a_batch(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member)
        member.delete(f"/books/{book['id']}").raise_for_status()
        body = {"title": "Persuasion", "author_id": book["author_id"]}
        items = [body | {"id": book["id"]}, body, body | {"id": book["id"] + 7}]
        results = member.post("/books/batch", json={"books": items}).raise_for_status().json()["results"]
        assert [result["book"]["version"] for result in results] == [3, 1, 1]
        assert client.get(f"/books/{book['id']}/history").json()[0]["version"] == 3
