"""Random writes and undos of one user, who follows the feed meanwhile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.support.factories import isbn13

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client

Record = dict[str, Any]
SET_BY_SERVICE = {"id", "created_at", "updated_at", "created_by", "updated_by", "version"}
WORDS = ["Emma", "Nana", "Walden", "Ulysses"]
words = st.sampled_from(WORDS)
isbns = st.sampled_from([None, isbn13(1), isbn13(2)])
genres = st.lists(st.sampled_from(["Novel", "Poem", "Essay"]), unique=True, max_size=2)
any_number = st.integers(0, 10**6)


def content(record: Record) -> Record:
    """What users have set, without the names of contributors, which follow from their records."""
    kept = {name: value for name, value in record.items() if name not in SET_BY_SERVICE}
    if "contributors" in kept:
        kept["contributors"] = [(part["author_id"], part["role"]) for part in kept["contributors"]]
    return kept


class Follower:
    """A copy of the catalogue that is made of the feed alone."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.next = client.get("/changes", params={"since": "now"}).links["next"]["url"]
        self.copy: dict[tuple[str, int], Record] = {}
        self.changes: list[Record] = []

    def follow(self) -> None:
        """Apply all changes that are new; each must continue what the copy has."""
        while changes := self._next_page():
            for change in changes:
                key = (change["kind"], change["record_id"])
                assert change["before"] == self.copy.get(key)
                last = max(
                    (one["version"] for one in self.changes if (one["kind"], one["record_id"]) == key), default=0
                )
                assert change["version"] > last
                self.changes.append(change)
                if change["after"] is None:
                    del self.copy[key]
                else:
                    self.copy[key] = change["after"]

    def _next_page(self) -> list[Record]:
        reply = self.client.get(self.next).raise_for_status()
        self.next = reply.links["next"]["url"]
        changes: list[Record] = reply.json()
        return changes


class Writer(RuleBasedStateMachine):
    """Writes and undoes at random. What an undo does is compared with the catalogue before it."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.follower = Follower(client)

    @rule(name=words)
    def add_author(self, name: str) -> None:
        self.client.post("/authors", json={"name": name}).raise_for_status()

    @rule(title=words, isbn=isbns, genres=genres, which=any_number)
    @precondition(lambda self: self.ids("author"))
    def add_book(self, title: str, isbn: str | None, genres: list[str], which: int) -> None:
        body = {"title": title, "isbn": isbn, "genres": genres, "author_id": self.pick("author", which)}
        self.require(self.client.post("/books", json=body), 201, 409)

    @rule(title=words, isbn=isbns, genres=genres, which=any_number)
    @precondition(lambda self: self.ids("book"))
    def change_book(self, title: str, isbn: str | None, genres: list[str], which: int) -> None:
        fields = [{"title": title}, {"isbn": isbn}, {"genres": genres}, {"title": title, "pages": which % 3 + 1}]
        path = f"/books/{self.pick('book', which)}"
        self.require(self.client.patch(path, json=fields[which % len(fields)]), 200, 409)

    @rule(which=any_number, other=any_number)
    @precondition(lambda self: self.ids("book"))
    def change_author_of_book(self, which: int, other: int) -> None:
        path = f"/books/{self.pick('book', which)}"
        self.client.patch(path, json={"author_id": self.pick("author", other)}).raise_for_status()

    @rule(name=words, which=any_number)
    @precondition(lambda self: self.ids("author"))
    def rename_author(self, name: str, which: int) -> None:
        self.client.patch(f"/authors/{self.pick('author', which)}", json={"name": f"{name} {which}"}).raise_for_status()

    @rule(which=any_number)
    @precondition(lambda self: self.ids("book"))
    def delete_book(self, which: int) -> None:
        self.client.delete(f"/books/{self.pick('book', which)}").raise_for_status()

    @rule(which=any_number)
    @precondition(lambda self: self.ids("author"))
    def delete_author(self, which: int) -> None:
        self.require(self.client.delete(f"/authors/{self.pick('author', which)}"), 200, 409)

    @rule(title=words, isbn=isbns, which=any_number)
    @precondition(lambda self: self.ids("author"))
    def send_batch(self, title: str, isbn: str | None, which: int) -> None:
        author = self.pick("author", which)
        items = [{"title": title, "isbn": isbn, "author_id": author}, {"title": f"{title} II", "author_id": author}]
        self.require(self.client.post("/books/batch", json={"books": items}), 207)

    @rule(which=any_number)
    @precondition(lambda self: self.follower.changes)
    def undo_change(self, which: int) -> None:
        change = self.follower.changes[-1 - which % len(self.follower.changes)]
        before = dict(self.follower.copy)
        reply = self.client.post(f"/changes/{change['id']}/undo")
        self.follower.follow()
        self.require_undone(reply, [change], before)

    @rule(which=any_number)
    @precondition(lambda self: self.batches())
    def undo_batch(self, which: int) -> None:
        batches = self.batches()
        batch = batches[which % len(batches)]
        before = dict(self.follower.copy)
        reply = self.client.post(f"/batches/{batch}/undo")
        self.follower.follow()
        self.require_undone(reply, [one for one in self.follower.changes if one["batch_id"] == batch], before)

    @invariant()
    def all_agree(self) -> None:
        """The tables, the feed, the search and the histories say the same."""
        self.follower.follow()
        for kind in ("book", "author"):
            listed = self.client.get(f"/{kind}s", params={"limit": 200}).json()
            assert {one["id"]: one for one in listed} == {
                key[1]: one for key, one in self.follower.copy.items() if key[0] == kind
            }
        for word in WORDS:
            found = self.client.get("/books", params={"q": f"{word} ", "limit": 200}).json()
            names = {one["id"]: [one["title"], *(part["name"] for part in one["contributors"])] for one in self.books()}
            assert {one["id"] for one in found} == {
                book for book, texts in names.items() if word in " ".join(texts).split()
            }
        if self.follower.changes:
            last = self.follower.changes[-1]
            history = self.client.get(f"/{last['kind']}s/{last['record_id']}/history").json()
            own = [
                one
                for one in self.follower.changes
                if one["record_id"] == last["record_id"] and one["kind"] == last["kind"]
            ]
            assert history == own[::-1][:50]

    def require_undone(
        self, reply: httpx.Response, changes: list[Record], before: dict[tuple[str, int], Record]
    ) -> None:
        """Compare an undo with what it should do; one that was refused must have changed nothing."""
        now = self.follower.copy
        if reply.status_code == 409:
            assert now == before
            assert reply.json()["code"] != "nothing_to_undo" or not self.could_be_undone(changes, before)
            return
        assert reply.status_code == 200, reply.text
        done = {(one["kind"], one["record_id"]): one for one in reply.json()["effects"]}
        for key in before.keys() | now.keys():
            if key not in done:
                assert content(now.get(key, {})) == content(before.get(key, {}))
                continue
            own = [one for one in changes if (one["kind"], one["record_id"]) == key]
            first, effect = own[0]["before"], done[key]
            if effect["action"] == "deleted":
                assert key not in now
            elif effect["action"] == "restored":
                assert content(now[key]) == content(first)
            else:
                former = {name: content(first)[name] for name in effect["fields"]}
                assert content(now[key]) == content(before[key]) | former

    def could_be_undone(self, changes: list[Record], before: dict[tuple[str, int], Record]) -> bool:
        """Whether a change of content is still as the change left it."""
        [change, *others] = changes
        now = before.get((change["kind"], change["record_id"]))
        if others or change["after"] is None or now is None:
            return False
        return content(now) == content(change["after"]) != content(change["before"] or {})

    def ids(self, kind: str) -> list[int]:
        return sorted(key[1] for key in self.follower.copy if key[0] == kind)

    def pick(self, kind: str, which: int) -> int:
        return self.ids(kind)[which % len(self.ids(kind))]

    def books(self) -> list[Record]:
        return [one for key, one in self.follower.copy.items() if key[0] == "book"]

    def batches(self) -> list[int]:
        return sorted({one["batch_id"] for one in self.follower.changes if one["batch_id"]})

    def require(self, reply: httpx.Response, *statuses: int) -> None:
        assert reply.status_code in statuses, json.dumps(reply.json())
