"""The feed of changes: its order, its filter by kind, and its cursors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, update

from app.events.feed_publisher import publish
from app.models import Change
from app.queries.changes import FeedReader
from tests.api.responses import faults, ids, next_cursor, refusal
from tests.support.change_feed import following, summaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.queries.changes import Place
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory


@pytest.fixture
def emma(member: Client, make: Factory) -> dict[str, Any]:
    """A book that was added, changed and deleted, by an author who is still there."""
    emma = make.book(member, title="Emma", by="Jane Austen")
    member.patch(f"/books/{emma['id']}", json={"pages": 474}).raise_for_status()
    member.delete(f"/books/{emma['id']}").raise_for_status()
    return emma


class TestOrder:
    def test_is_that_of_the_changes(self, client: Client, emma: dict[str, Any]) -> None:
        feed = client.get("/changes").json()
        book_id, author_id = emma["id"], emma["author_id"]
        assert summaries(feed) == [
            ("author", author_id, 1, "created"),
            ("book", book_id, 1, "created"),
            ("book", book_id, 2, "updated"),
            ("book", book_id, 3, "deleted"),
        ]

    def test_each_change_begins_where_the_last_ended(self, client: Client, emma: dict[str, Any]) -> None:
        _, created, updated, deleted = client.get("/changes").json()
        assert (created["before"], created["after"]) == (None, emma)
        assert (updated["before"], updated["after"]["pages"]) == (emma, 474)
        assert (deleted["before"], deleted["after"]) == (updated["after"], None)

    def test_a_page_continues_after_the_last(self, client: Client, emma: dict[str, Any]) -> None:
        whole, page, seen = client.get("/changes").json(), client.get("/changes?limit=3"), []
        while page.json():
            seen += page.json()
            page = following(client, page)
        assert ids(seen) == ids(whole)
        assert emma["id"] in {change["record_id"] for change in whole}

    def test_an_empty_page_has_the_same_cursor(self, client: Client, member: Client, make: Factory) -> None:
        end = client.get("/changes?since=now")
        assert end.json() == []
        assert list(end.links) == ["next"]
        again = following(client, end)
        assert again.json() == []
        assert again.links == end.links
        author = make.author(member)
        assert summaries(following(client, again).json()) == [("author", author["id"], 1, "created")]

    def test_an_empty_feed_can_be_followed(self, client: Client, member: Client, make: Factory) -> None:
        beginning = client.get("/changes")
        assert beginning.json() == []
        author = make.author(member)
        assert summaries(following(client, beginning).json()) == [("author", author["id"], 1, "created")]

    def test_an_unchanged_page_is_not_sent_again(self, client: Client, emma: dict[str, Any]) -> None:
        page = client.get("/changes")
        tag = {"If-None-Match": page.headers["ETag"]}
        assert client.get("/changes", headers=tag).status_code == 304
        assert client.get("/changes?limit=1", headers=tag).status_code == 200
        assert emma["id"]

    def test_one_change_can_be_read_by_its_id(self, client: Client, emma: dict[str, Any]) -> None:
        last = client.get("/changes").json()[-1]
        assert (last["record_id"], client.get(f"/changes/{last['id']}").json()) == (emma["id"], last)
        assert refusal(client.get("/changes/99999")) == (404, "change_not_found")


class TestKind:
    def test_leaves_the_others_out(self, client: Client, emma: dict[str, Any]) -> None:
        books = client.get("/changes?kind=book&limit=2")
        assert summaries(books.json()) == [("book", emma["id"], 1, "created"), ("book", emma["id"], 2, "updated")]
        assert summaries(following(client, books).json()) == [("book", emma["id"], 3, "deleted")]
        assert summaries(client.get("/changes?kind=author").json()) == [("author", emma["author_id"], 1, "created")]

    def test_is_kept_in_the_link(self, client: Client, member: Client, make: Factory) -> None:
        end = client.get("/changes?kind=book&since=now&limit=7")
        make.author(member)
        page = following(client, end)
        assert (page.json(), page.request.url.params["kind"], page.request.url.params["limit"]) == ([], "book", "7")

    def test_the_cursor_passes_what_was_left_out(
        self, client: Client, member: Client, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Otherwise each page would look through the same changes again, and find the book at the end never."""
        monkeypatch.setattr("app.queries.changes.SCANNED", 2)
        author_id, *_ = (make.author(member)["id"] for _ in range(5))
        book = make.book(member, author_id=author_id)
        page, seen = client.get("/changes?kind=book"), []
        for _ in range(4):
            seen += page.json()
            page = following(client, page)
        assert summaries(seen) == [("book", book["id"], 1, "created")]

    def test_no_change_is_passed_that_appears_meanwhile(
        self, client: Client, member: Client, make: Factory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A change that is published between the statements of a page is on that page or the next."""
        author_id, books = make.author(member)["id"], []

        def publish_around(reader: FeedReader, since: Place) -> Place:
            books.append(make.book(member, author_id=author_id))
            publish(reader.connection)
            end = scanned(reader, since)
            books.append(make.book(member, author_id=author_id))
            publish(reader.connection)
            return end

        scanned = FeedReader._scanned  # noqa: SLF001  (between two statements)
        monkeypatch.setattr(FeedReader, "_scanned", publish_around)
        first = client.get("/changes?kind=book")
        monkeypatch.setattr(FeedReader, "_scanned", scanned)
        seen = first.json() + following(client, first).json()
        assert summaries(seen) == [("book", book["id"], 1, "created") for book in books]


class TestCursors:
    @pytest.mark.parametrize("since", ["x", "WzEsIiJd.x", "NOW", "%00"])
    def test_forged(self, client: Client, since: str) -> None:
        reply = client.get(f"/changes?since={since}")
        assert refusal(reply) == (400, "invalid_cursor")
        assert faults(reply) == [("since", "was not issued by this list")]

    def test_of_another_list(self, client: Client, member: Client, make: Factory) -> None:
        for _ in range(2):
            make.author(member)
        cursor = next_cursor(client.get("/authors?limit=1"))
        assert refusal(client.get("/changes", params={"since": cursor})) == (400, "invalid_cursor")

    def test_of_the_feed_in_another_list(self, client: Client) -> None:
        since = client.get("/changes?since=now").request.url.join(client.get("/changes").links["next"]["url"])
        assert refusal(client.get("/authors", params={"cursor": since.params["since"]})) == (400, "invalid_cursor")

    @pytest.mark.parametrize("query", ["since=", "limit=0", "limit=201", "wait=31", "wait=-1", "kind=genre", "to=1"])
    def test_parameters_that_are_none(self, client: Client, query: str) -> None:
        reply = client.get(f"/changes?{query}")
        assert refusal(reply) == (400, "invalid_request")
        assert [where for where, _ in faults(reply)] == [query.partition("=")[0]]

    def test_from_before_a_restore(self, client: Client, emma: dict[str, Any], database: DatabaseInside) -> None:
        """The restored catalogue goes on from an earlier state: another change has the position of the cursor."""
        end = client.get("/changes?since=now").links["next"]["url"]
        last = client.get("/changes").json()[-1]["id"]
        with database.transaction() as db:
            db.execute(update(Change).where(Change.id == last).values(at=datetime(2026, 1, 1, tzinfo=UTC)))
        assert emma["id"]
        assert refusal(client.get(end)) == (410, "cursor_expired")

    def test_from_ahead_of_the_feed(self, client: Client, emma: dict[str, Any], database: DatabaseInside) -> None:
        end = client.get("/changes?since=now").links["next"]["url"]
        with database.transaction() as db:
            db.execute(delete(Change).where(Change.record_id == emma["id"], Change.version == 3))
        assert refusal(client.get(end)) == (410, "cursor_expired")

    def test_older_than_what_is_kept(self, client: Client, emma: dict[str, Any], database: DatabaseInside) -> None:
        beginning = client.get("/changes?limit=1").links["next"]["url"]
        whole = client.get("/changes").json()
        with database.transaction() as db:
            db.execute(delete(Change).where(Change.id.in_(ids(whole[:2]))))
        assert refusal(client.get(beginning)) == (410, "cursor_expired")
        assert summaries(client.get("/changes").json()) == summaries(whole[2:])
        assert emma["id"]


class TestMembers:
    def test_only_members_follow(self, service_with: Callable[..., Client], emma: dict[str, Any]) -> None:
        anonymous = service_with(reading="members")
        for address in ("/changes", f"/books/{emma['id']}/history", f"/books/{emma['id']}/versions/1", "/changes/1"):
            assert anonymous.application.test_client().get(address).status_code == 401
