"""Merge patches of books and authors (RFC 7396): what is named changes, `null` clears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
JSON = {"Content-Type": "application/json"}
NO_SUCH_ID = 10**17
EMMA = {
    "title": "Emma",
    "subtitle": "A Novel",
    "isbn": "9780141439587",
    "published_year": 1815,
    "language": "en",
    "publisher": "Penguin",
    "description": "Of matches.",
    "pages": 512,
    "series": "Works",
    "series_position": 4.0,
    "cover_url": "https://covers.test/emma.jpg",
    "genres": ["Fiction", "Classics"],
}
AUSTEN = {"name": "Jane Austen", "bio": "Novelist.", "country": "England", "birth_year": 1775, "death_year": 1817}
CLEARED = [name for name in EMMA if name not in {"title", "genres"}]


@pytest.fixture
def emma(member: Client, make: Factory) -> dict[str, Any]:
    """A book that says everything."""
    return make.book(member, **EMMA)


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What a write changed, less the signs of a change."""
    signs = {"version", "updated_at", "status", "message"}
    return {name: value for name, value in after.items() if name not in signs and before[name] != value}


class TestBook:
    @pytest.mark.parametrize("headers", [MERGE_PATCH, JSON], ids=lambda headers: headers["Content-Type"])
    def test_changes_what_it_names(self, member: Client, emma: dict[str, Any], headers: dict[str, str]) -> None:
        body = b'{"title": "Emma!", "pages": null, "genres": ["Satire"]}'
        reply = member.patch(f"/books/{emma['id']}", content=body, headers=headers)
        changed = reply.json()
        assert (reply.status_code, changed["status"], changed["message"]) == (200, "success", "book 'Emma!' updated")
        titles = {"title": "Emma!", "sort_title": "Emma!"}
        assert differences(emma, changed) == titles | {"pages": None, "genres": ["Satire"]}
        assert changed["version"] == 2
        read = member.get(f"/books/{emma['id']}")
        assert read.json().items() <= changed.items()
        assert read.headers["ETag"] == reply.headers["ETag"]

    @pytest.mark.parametrize("field", CLEARED)
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_null_takes_a_field_away(self, member: Client, emma: dict[str, Any], field: str, method: str) -> None:
        changed = member.request(method, f"/books/{emma['id']}", json={field: None}).raise_for_status().json()
        assert differences(emma, changed) == {field: None}

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_null_takes_all_genres_away(self, member: Client, emma: dict[str, Any], method: str) -> None:
        changed = member.request(method, f"/books/{emma['id']}", json={"genres": None}).raise_for_status().json()
        assert differences(emma, changed) == {"genres": []}

    def test_of_what_is_there_already_is_no_change(self, member: Client, emma: dict[str, Any]) -> None:
        changed = member.patch(f"/books/{emma['id']}", json=EMMA).raise_for_status().json()
        assert emma.items() <= changed.items()

    @pytest.mark.parametrize(
        ("patch", "wrong"),
        [
            ({}, [("", "must have at least one field")]),
            ({"title": None}, [("/title", "must be a string")]),
            ({"author_id": None}, [("/author_id", "must be an integer")]),
            ({"contributors": None}, [("/contributors", "must be a list")]),
            ({"id": 5}, [("/id", "is read-only, and the record has another value")]),
            ({"version": None}, [("/version", "must be an integer")]),
            ({"title": {"main": "Emma"}}, [("/title", "must be a string")]),
            (
                {"pages": 0, "isbn": "1"},
                [("/isbn", "is not an ISBN of 10 or 13 digits"), ("/pages", "must be at least 1")],
            ),
            ([], [("", "must be a JSON object")]),
            ("Emma", [("", "must be a JSON object")]),
        ],
        ids=str,
    )
    def test_is_refused_whole(
        self, member: Client, emma: dict[str, Any], patch: object, wrong: list[tuple[str, str]]
    ) -> None:
        reply = member.request("PATCH", f"/books/{emma['id']}", json=patch)
        assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), wrong)
        assert member.get(f"/books/{emma['id']}").json() == emma

    @pytest.mark.parametrize(
        "media_type",
        ["", "text/plain", "application/json-patch+json", "application/merge-patch+json; charset=latin-1"],
    )
    def test_of_another_type_is_not_read(self, member: Client, emma: dict[str, Any], media_type: str) -> None:
        reply = member.patch(f"/books/{emma['id']}", content=b'{"pages": 1}', headers={"Content-Type": media_type})
        assert refusal(reply) == (415, "unsupported_media_type")

    def test_is_the_only_one_that_takes_its_type(self, member: Client, emma: dict[str, Any]) -> None:
        reply = member.put(f"/books/{emma['id']}", content=b'{"pages": 1}', headers=MERGE_PATCH)
        assert refusal(reply) == (415, "unsupported_media_type")

    def test_of_one_that_changed_meanwhile(self, member: Client, emma: dict[str, Any]) -> None:
        path = f"/books/{emma['id']}"
        seen = {"If-Match": member.get(path).headers["ETag"]}
        assert member.patch(path, json={"pages": 1}, headers=seen).status_code == 200
        assert refusal(member.patch(path, json={"pages": 2}, headers=seen)) == (412, "version_mismatch")
        assert member.get(path).json()["pages"] == 1

    def test_that_clashes(self, member: Client, make: Factory, emma: dict[str, Any]) -> None:
        make.book(member, isbn=isbn13(1))
        reply = member.patch(f"/books/{emma['id']}", json={"isbn": isbn13(1), "title": "New"})
        assert refusal(reply) == (409, "isbn_taken")
        assert member.get(f"/books/{emma['id']}").json() == emma


class TestAuthor:
    @pytest.mark.parametrize("field", ["bio", "country", "birth_year", "death_year"])
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_null_takes_a_field_away(self, member: Client, make: Factory, field: str, method: str) -> None:
        author = make.author(member, **AUSTEN)
        changed = member.request(method, f"/authors/{author['id']}", json={field: None}).raise_for_status().json()
        assert differences(author, changed) == {field: None}

    def test_by_its_own_type(self, member: Client, make: Factory) -> None:
        author = make.author(member, **AUSTEN)
        reply = member.patch(f"/authors/{author['id']}", content=b'{"country": null}', headers=MERGE_PATCH)
        assert (reply.status_code, reply.json()["message"]) == (200, "author 'Jane Austen' updated")
        assert differences(author, reply.json()) == {"country": None}


class TestWho:
    @pytest.mark.parametrize("path", ["/books", "/authors"])
    def test_those_who_are_signed_in(self, client: Client, member: Client, path: str) -> None:
        assert refusal(client.patch(f"{path}/{NO_SUCH_ID}", json={})) == (401, "token_missing")
        missing = {"/books": "book_not_found", "/authors": "author_not_found"}[path]
        body = {"/books": {"title": "Emma"}, "/authors": {"name": "Jane"}}[path]
        assert refusal(member.patch(f"{path}/{NO_SUCH_ID}", json=body)) == (404, missing)
