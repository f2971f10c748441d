"""Conditional requests: reading only what is new, and changing only what one has seen."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.models import Book
from tests.api.responses import refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

OTHER = '"0123456789abcdef"'
SAME = ["{tag}", "W/{tag}", f"{OTHER}, {{tag}}", f"{{tag}},{OTHER}", "*"]
DIFFERENT = [OTHER, f"W/{OTHER}", f"{OTHER}, {OTHER}", '""', "nonsense"]
STALE = [*DIFFERENT, "W/{tag}", "", 'W/"{version}"', '"{version}0"', '"0"']
SEEN_IN_A_LIST = ['"{version}"', f'{OTHER}, "{{version}}"']


@pytest.fixture(params=["/books", "/authors"])
def path(request: pytest.FixtureRequest, member: Client, make: Factory) -> str:
    """A record: what holds for books holds for authors."""
    book = make.book(member)
    return {"/books": f"/books/{book['id']}", "/authors": f"/authors/{book['author_id']}"}[request.param]


@pytest.fixture
def book(member: Client, make: Factory) -> dict[str, Any]:
    """A book."""
    return make.book(member)


class TestETag:
    def test_is_strong_and_stays(self, client: Client, path: str) -> None:
        first, second = client.get(path), client.get(path)
        assert first.headers["ETag"].startswith('"')
        assert first.headers["ETag"] == second.headers["ETag"]

    def test_of_a_write_is_that_of_the_read_that_follows(self, member: Client, make: Factory) -> None:
        created = member.post("/books", json={"title": "Emma", "author_id": make.author(member)["id"]})
        path = created.headers["Location"]
        assert member.get(path).headers["ETag"] == created.headers["ETag"]
        changed = member.put(path, json={"title": "Emma!"})
        assert member.get(path).headers["ETag"] == changed.headers["ETag"] != created.headers["ETag"]

    def test_of_no_change_stays(self, member: Client, book: dict[str, Any]) -> None:
        before = member.get(f"/books/{book['id']}").headers["ETag"]
        assert member.put(f"/books/{book['id']}", json={"title": book["title"]}).headers["ETag"] == before

    def test_begins_with_the_version(self, member: Client, book: dict[str, Any]) -> None:
        path = f"/books/{book['id']}"
        assert member.get(path).headers["ETag"].startswith('"1-')
        assert member.put(path, json={"title": "New"}).headers["ETag"].startswith('"2-')

    def test_is_of_the_field_and_not_of_a_text(self, member: Client, make: Factory) -> None:
        book = make.book(member, title='"version":5', description='{"version":6}', genres=["version", ':7,"version":8'])
        assert member.get(f"/books/{book['id']}").headers["ETag"].startswith('"1-')

    def test_of_another_record_under_the_same_id_differs(self, member: Client, make: Factory) -> None:
        first = make.book(member, id=4_000_000)
        path = f"/books/{first['id']}"
        tag = member.get(path).headers["ETag"]
        member.delete(path).raise_for_status()
        assert make.book(member, id=first["id"])["version"] > first["version"]
        assert member.get(path, headers={"If-None-Match": tag}).status_code == 200
        assert refusal(member.put(path, json={"title": "New"}, headers={"If-Match": tag})) == (412, "version_mismatch")

    def test_of_another_record_under_the_same_isbn_differs(self, member: Client, make: Factory) -> None:
        first = make.book(member, isbn=isbn13(1))
        tag = member.get(f"/books/isbn/{isbn13(1)}").headers["ETag"]
        member.delete(f"/books/{first['id']}").raise_for_status()
        second = make.book(member, isbn=isbn13(1))
        assert second["version"] == first["version"]
        reply = member.get(f"/books/isbn/{isbn13(1)}", headers={"If-None-Match": tag})
        assert (reply.status_code, reply.json()["id"]) == (200, second["id"])

    def test_of_a_document_that_was_rewritten_differs(
        self, client: Client, book: dict[str, Any], database: DatabaseInside
    ) -> None:
        """A migration that adds a field to all documents gives no book a new version."""
        path = f"/books/{book['id']}"
        before = client.get(path)
        database.mark(Book, book["id"], document=before.text.replace('"subtitle":null', '"subtitle":"New"'))
        after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
        assert (after.status_code, after.json()["version"]) == (200, book["version"])


class TestIfNoneMatch:
    @pytest.mark.parametrize("header", SAME)
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_what_the_client_has_is_not_sent(self, client: Client, path: str, header: str, method: str) -> None:
        tag = client.get(path).headers["ETag"]
        reply = client.request(method, path, headers={"If-None-Match": header.format(tag=tag)})
        assert (reply.status_code, reply.content, reply.headers["ETag"]) == (304, b"", tag)

    @pytest.mark.parametrize("header", [*DIFFERENT, ""])
    def test_what_it_has_not_is_sent(self, client: Client, path: str, header: str) -> None:
        whole = client.get(path)
        reply = client.get(path, headers={"If-None-Match": header})
        assert (reply.status_code, reply.json(), reply.headers["ETag"]) == (200, whole.json(), whole.headers["ETag"])

    @pytest.mark.parametrize("header", [*SEEN_IN_A_LIST, 'W/"{version}"'])
    def test_the_version_that_a_list_showed_is_enough(self, client: Client, path: str, header: str) -> None:
        whole = client.get(path)
        reply = client.get(path, headers={"If-None-Match": header.format(version=whole.json()["version"])})
        assert (reply.status_code, reply.headers["ETag"]) == (304, whole.headers["ETag"])

    def test_a_change_is_sent(self, member: Client, book: dict[str, Any]) -> None:
        tag = member.get(f"/books/{book['id']}").headers["ETag"]
        member.put(f"/books/{book['id']}", json={"title": "New"}).raise_for_status()
        assert member.get(f"/books/{book['id']}", headers={"If-None-Match": tag}).json()["title"] == "New"

    def test_what_is_not_there_is_not_there(self, client: Client) -> None:
        assert client.get("/books/1", headers={"If-None-Match": "*"}).status_code == 404


class TestHead:
    def test_is_the_read_without_its_body(self, client: Client, path: str) -> None:
        read, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Type", "Content-Length"):
            assert head.headers[name] == read.headers[name]

    def test_of_a_list(self, client: Client, book: dict[str, Any]) -> None:  # noqa: ARG002  (it is in the list)
        read, head = client.get("/books?count=exact"), client.head("/books?count=exact")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["X-Total-Count"] == read.headers["X-Total-Count"] == "1"
        assert head.headers["Link"] == read.headers["Link"]

    def test_of_nothing(self, client: Client) -> None:
        reply = client.head("/books/1")
        assert (reply.status_code, reply.content) == (404, b"")


class TestIfMatch:
    @pytest.mark.parametrize("header", ["{tag}", f"{OTHER}, {{tag}}", "*"])
    def test_the_book_that_the_client_saw_is_changed(self, member: Client, book: dict[str, Any], header: str) -> None:
        path = f"/books/{book['id']}"
        condition = {"If-Match": header.format(tag=member.get(path).headers["ETag"])}
        assert member.put(path, json={"title": "New"}, headers=condition).json()["title"] == "New"
        condition = {"If-Match": header.format(tag=member.get(path).headers["ETag"])}
        assert member.delete(path, headers=condition).status_code == 200

    @pytest.mark.parametrize("header", SEEN_IN_A_LIST)
    def test_the_version_that_a_list_showed_is_enough(self, member: Client, path: str, header: str) -> None:
        field = "name" if path.startswith("/authors") else "title"
        for method in ("PUT", "PATCH"):
            [seen] = [
                record for record in member.get(path.rpartition("/")[0]).json() if path.endswith(f"/{record['id']}")
            ]
            condition = {"If-Match": header.format(version=seen["version"])}
            reply = member.request(method, path, json={field: f"New by {method}"}, headers=condition)
            assert (reply.status_code, reply.json()["version"]) == (200, seen["version"] + 1)
            again = member.request(method, path, json={field: "Newer"}, headers=condition)
            assert refusal(again) == (412, "version_mismatch")

    @pytest.mark.parametrize("header", STALE)
    def test_another_is_not(self, member: Client, book: dict[str, Any], header: str) -> None:
        path = f"/books/{book['id']}"
        condition = {"If-Match": header.format(tag=member.get(path).headers["ETag"], version=book["version"])}
        replies = [member.put(path, json={"title": "New"}, headers=condition), member.delete(path, headers=condition)]
        assert [refusal(reply) for reply in replies] == [(412, "version_mismatch")] * 2
        assert member.get(path).json() == book

    def test_of_two_who_saw_the_same_one_wins(self, member: Client, make: Factory, book: dict[str, Any]) -> None:
        path = f"/books/{book['id']}"
        seen = {"If-Match": member.get(path).headers["ETag"]}
        assert make.user().put(path, json={"title": "First"}, headers=seen).status_code == 200
        assert refusal(member.put(path, json={"title": "Second"}, headers=seen)) == (412, "version_mismatch")
        assert member.get(path).json()["title"] == "First"

    def test_tells_nothing_to_those_who_may_not(self, client: Client, make: Factory, book: dict[str, Any]) -> None:
        stale, path = {"If-Match": OTHER}, f"/books/{book['id']}"
        assert refusal(client.delete(path, headers=stale)) == (401, "token_missing")
        assert refusal(make.user().delete(path, headers=stale)) == (403, "not_owner")
        assert refusal(make.user().delete("/books/999999999", headers=stale)) == (404, "book_not_found")


class TestWriteIfNoneMatch:
    @pytest.mark.parametrize("header", [*SAME, *SEEN_IN_A_LIST])
    def test_what_is_there_is_left_as_it_is(self, member: Client, path: str, header: str) -> None:
        before = member.get(path)
        condition = {"If-None-Match": header.format(tag=before.headers["ETag"], version=before.json()["version"])}
        body = {"name" if path.startswith("/authors") else "title": "New"}
        assert refusal(member.patch(path, json=body, headers=condition)) == (412, "version_mismatch")
        assert member.get(path).json() == before.json()

    @pytest.mark.parametrize("header", [*DIFFERENT, ""])
    def test_another_does_not_matter(self, member: Client, path: str, header: str) -> None:
        body = {"name" if path.startswith("/authors") else "title": "New"}
        assert member.patch(path, json=body, headers={"If-None-Match": header}).status_code == 200

    def test_holds_beside_if_match(self, member: Client, path: str) -> None:
        both = {"If-Match": member.get(path).headers["ETag"], "If-None-Match": "*"}
        assert refusal(member.delete(path, headers=both)) == (412, "version_mismatch")

    def test_tells_nothing_to_those_who_may_not(self, client: Client, make: Factory, book: dict[str, Any]) -> None:
        condition, path = {"If-None-Match": "*"}, f"/books/{book['id']}"
        assert refusal(client.delete(path, headers=condition)) == (401, "token_missing")
        assert refusal(make.user().delete(path, headers=condition)) == (403, "not_owner")
        assert refusal(make.user().delete("/books/999999999", headers=condition)) == (404, "book_not_found")


class TestIfUnmodifiedSince:
    @pytest.mark.parametrize("since", ["Sat, 01 Feb 2020 00:00:00 GMT", "Saturday, 01-Feb-20 00:00:00 GMT"])
    def test_what_was_changed_later_stays(self, member: Client, path: str, since: str) -> None:
        before = member.get(path).json()
        reply = member.delete(path, headers={"If-Unmodified-Since": since})
        assert refusal(reply) == (412, "version_mismatch")
        assert member.get(path).json() == before

    def test_the_second_of_the_change_is_early_enough(self, member: Client, book: dict[str, Any]) -> None:
        changed = datetime.fromisoformat(book["updated_at"])
        condition = {"If-Unmodified-Since": format_datetime(changed, usegmt=True)}
        assert member.delete(f"/books/{book['id']}", headers=condition).status_code == 200

    @pytest.mark.parametrize("header", ["", "2020-01-01", "nonsense"])
    def test_no_date_is_no_condition(self, member: Client, path: str, header: str) -> None:
        body = {"name" if path.startswith("/authors") else "title": "New"}
        assert member.patch(path, json=body, headers={"If-Unmodified-Since": header}).status_code == 200

    def test_does_not_count_beside_if_match(self, member: Client, path: str) -> None:
        seen = {"If-Match": member.get(path).headers["ETag"], "If-Unmodified-Since": "Sat, 01 Feb 2020 00:00:00 GMT"}
        assert member.patch(path, json={"name" if "authors" in path else "title": "New"}, headers=seen).is_success
