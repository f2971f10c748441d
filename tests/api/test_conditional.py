"""Conditional requests: reading only what is new, and changing only what one has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.answers import refusal

if TYPE_CHECKING:
    from tests.client import Client
    from tests.factories import Factory

OTHER = '"0123456789abcdef"'
SAME = ["{tag}", "W/{tag}", f"{OTHER}, {{tag}}", f"{{tag}},{OTHER}", "*"]
DIFFERENT = [OTHER, f"W/{OTHER}", f"{OTHER}, {OTHER}", '""', "nonsense"]
STALE = [*DIFFERENT, "W/{tag}", ""]


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

    @pytest.mark.parametrize("header", STALE)
    def test_another_is_not(self, member: Client, book: dict[str, Any], header: str) -> None:
        path = f"/books/{book['id']}"
        condition = {"If-Match": header.format(tag=member.get(path).headers["ETag"])}
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
