"""Client-supplied ids, and those that the service generates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, refusal
from tests.support.factories import Factory
from tests.support.users import new_admin

if TYPE_CHECKING:
    from app.database import Database
    from tests.support.client import Client

LARGEST = 10**15
OF_MEMBERS = 10**9
OF_ADMINS = f"must be at most {OF_MEMBERS}, unless an admin adds the record"
TOO_LARGE = f"must be at most {LARGEST}"


@pytest.fixture(params=["books", "authors"])
def records(request: pytest.FixtureRequest) -> str:
    """What holds for books holds for authors."""
    return str(request.param)


@pytest.fixture
def body(member: Client, make: Factory, records: str) -> dict[str, Any]:
    """The least that a new record needs."""
    author = make.author(member, id=1)
    return {"books": {"title": "Emma", "author_id": author["id"]}, "authors": {"name": "Jane Austen"}}[records]


class TestBrought:
    def test_is_used(self, member: Client, records: str, body: dict[str, Any]) -> None:
        reply = member.post(f"/{records}", json=body | {"id": 4711})
        assert (reply.status_code, reply.json()["id"]) == (201, 4711)
        assert reply.headers["Location"] == f"/{records}/4711"
        assert member.get(f"/{records}/4711").status_code == 200

    def test_but_not_twice(self, member: Client, records: str, body: dict[str, Any]) -> None:
        member.post(f"/{records}", json=body | {"id": 4711}).raise_for_status()
        first = member.get(f"/{records}/4711").json()
        assert refusal(member.post(f"/{records}", json=body | {"id": 4711})) == (409, "id_taken")
        assert member.get(f"/{records}/4711").json() == first

    @pytest.mark.parametrize(
        ("brought", "detail"),
        [
            (0, "must be at least 1"),
            (-1, "must be at least 1"),
            (LARGEST + 1, TOO_LARGE),
            (2**63, TOO_LARGE),
            (10**40, TOO_LARGE),
            (-(10**40), "must be at least 1"),
            (1.5, "must be an integer"),
            ("1", "must be an integer"),
            (True, "must be an integer"),
            ([1], "must be an integer"),
        ],
        ids=str,
    )
    def test_is_refused(self, member: Client, records: str, body: dict[str, Any], brought: object, detail: str) -> None:
        reply = member.post(f"/{records}", json=body | {"id": brought})
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == [("/id", detail)]


class TestLarge:
    @pytest.mark.parametrize("brought", [OF_MEMBERS + 1, LARGEST])
    def test_is_for_admins(
        self, member: Client, admin: Client, records: str, body: dict[str, Any], brought: int
    ) -> None:
        reply = member.post(f"/{records}", json=body | {"id": brought})
        assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), [("/id", OF_ADMINS)])
        assert admin.get(f"/{records}/{brought}").status_code == 404
        assert admin.post(f"/{records}", json=body | {"id": brought}).json()["id"] == brought
        assert member.patch(f"/{records}/{brought}", json={"id": brought, **body}).status_code == 200

    def test_of_members(self, member: Client, records: str, body: dict[str, Any]) -> None:
        assert member.post(f"/{records}", json=body | {"id": OF_MEMBERS}).json()["id"] == OF_MEMBERS

    def test_in_a_batch(self, member: Client, admin: Client, make: Factory) -> None:
        book = {"title": "Emma", "author_id": make.author(member)["id"], "id": LARGEST, "isbn": "9780141439587"}
        [result] = member.post("/books/batch", json={"books": [book]}).json()["results"]
        assert (result["status"], result["problem"]["errors"]) == (400, [{"pointer": "/id", "detail": OF_ADMINS}])
        atomic = member.post("/books/batch?atomic=true", json={"books": [book]})
        assert faults(atomic) == [("/books/0/id", OF_ADMINS)]
        [added] = admin.post("/books/batch", json={"books": [book]}).json()["results"]
        [changed] = member.post("/books/batch", json={"books": [added["book"] | {"pages": 7}]}).json()["results"]
        assert (added["status"], changed["status"]) == (201, 200)


class TestGiven:
    """On a database of its own: a sequence of PostgreSQL remembers what was rolled back."""

    def test_never_the_ids_that_were_brought(self, own_client: Client) -> None:
        make = Factory(own_client)
        member = make.user()
        client_supplied = [make.author(member, id=number)["id"] for number in (1, 2, 3, 7)]
        generated = [make.author(member)["id"] for _ in range(4)]
        assert len({*client_supplied, *generated}) == 8

    def test_after_the_largest(self, own_client: Client, own_database: Database) -> None:
        make = Factory(own_client)
        member = new_admin(own_client, own_database).client
        assert make.author(member, id=LARGEST)["id"] == LARGEST
        assert make.author(member)["id"] == LARGEST + 1
        assert make.author(member, id=5)["id"] == 5
        assert make.author(member)["id"] == LARGEST + 2

    def test_never_that_of_a_record_that_is_gone_or_was_refused(self, own_client: Client) -> None:
        make = Factory(own_client)
        member = make.user()
        gone = make.book(member)
        member.delete(f"/books/{gone['id']}").raise_for_status()
        twin = {"title": "Emma", "author_id": gone["author_id"], "id": make.book(member)["id"]}
        assert refusal(member.post("/books", json=twin)) == (409, "id_taken")
        assert make.book(member)["id"] > twin["id"] > gone["id"]
