"""Other names of authors, and their identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.domain.names import name_key
from app.models import AuthorAlias
from tests.api.responses import faults, ids, refusal

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

ELIOT: dict[str, Any] = {
    "name": "George Eliot",
    "aliases": ["Mary Ann Evans", "Джордж Элиот"],
    "identifiers": [{"type": "isni", "value": "0000 0001 2103 2683"}, {"type": "viaf", "value": "89003348"}],
}


def keys_of(database: DatabaseInside) -> set[str]:
    """The keys under which authors are found."""
    with database.reading() as connection:
        return set(connection.scalars(select(AuthorAlias.name_key)))


class TestAliases:
    @pytest.mark.parametrize("text", ["mary ann evans", "Evans", "элиот", "george", "evans mary", "Mary Ann Evnas"])
    def test_are_found(self, client: Client, member: Client, make: Factory, text: str) -> None:
        make.author(member, name="Mary Evanston")
        eliot = make.author(member, **ELIOT)
        assert eliot["id"] in ids(client.get("/authors", params={"q": text}).json())
        assert eliot["aliases"] == ELIOT["aliases"]

    def test_that_are_typed_whole_come_first(self, client: Client, member: Client, make: Factory) -> None:
        other = make.author(member, name="Mary Ann Evans Smith")
        eliot = make.author(member, **ELIOT)
        assert ids(client.get("/authors?q=Mary Ann Evans").json()) == [eliot["id"], other["id"]]

    def test_change_and_return(self, client: Client, member: Client, make: Factory, database: DatabaseInside) -> None:
        address = f"/authors/{make.author(member, **ELIOT)['id']}"
        assert keys_of(database) == set(map(name_key, ELIOT["aliases"]))
        changed = member.patch(address, json={"aliases": ["Marian Evans", "MARIAN EVANS"]}).json()
        assert (changed["aliases"], changed["version"]) == (["Marian Evans"], 2)
        assert client.get("/authors?q=Mary").json() == []
        assert keys_of(database) == {"marian evans"}
        cleared = member.put(address, json={"aliases": None, "identifiers": None}).json()
        assert (cleared["aliases"], cleared["identifiers"], keys_of(database)) == ([], [], set())
        for change in member.get(f"{address}/history").json()[:2]:
            member.post(f"/changes/{change['id']}/undo").raise_for_status()
        assert keys_of(database) == set(map(name_key, ELIOT["aliases"]))
        assert len(client.get("/authors?q=Mary").json()) == 1

    def test_leave_and_return_with_the_author(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        eliot = make.author(member, **ELIOT)
        member.delete(f"/authors/{eliot['id']}").raise_for_status()
        assert keys_of(database) == set()
        deleted = member.get(f"/authors/{eliot['id']}/history").json()[0]
        member.post(f"/changes/{deleted['id']}/undo").raise_for_status()
        again = member.get(f"/authors/{eliot['id']}").json()
        assert (again["aliases"], again["identifiers"]) == (eliot["aliases"], eliot["identifiers"])
        assert keys_of(database) == set(map(name_key, ELIOT["aliases"]))

    @pytest.mark.parametrize(
        ("aliases", "fault"),
        [
            ([" "], ("/aliases/0", "must not be empty")),
            (["x" * 256], ("/aliases/0", "must have at most 255 characters")),
            ([1], ("/aliases/0", "must be a string")),
            ("Evans", ("/aliases", "must be a list")),
        ],
    )
    def test_are_names(self, member: Client, make: Factory, aliases: object, fault: tuple[str, str]) -> None:
        replies = [
            member.post("/authors", json={"name": "Eliot", "aliases": aliases}),
            member.put(f"/authors/{make.author(member)['id']}", json={"aliases": aliases}),
        ]
        assert [faults(reply) for reply in replies] == [[fault]] * 2

    def test_are_not_too_many(self, member: Client, make: Factory) -> None:
        many = [f"Name {number}" for number in range(51)]
        assert len(make.author(member, aliases=many[:50])["aliases"]) == 50
        assert refusal(member.post("/authors", json={"name": "Eliot", "aliases": many})) == (400, "invalid_request")


class TestIdentifiers:
    def test_are_in_one_spelling(self, client: Client, member: Client, make: Factory) -> None:
        eliot = make.author(member, **ELIOT)
        expected = [{"type": "isni", "value": "0000000121032683"}, {"type": "viaf", "value": "89003348"}]
        assert client.get(f"/authors/{eliot['id']}").json()["identifiers"] == expected

    @pytest.mark.parametrize(
        ("identifier", "pointer", "detail"),
        [
            ({"type": "isni", "value": "0000000121032684"}, "value", "the check digit does not match"),
            ({"type": "olid", "value": "OL7353617M"}, "value", "is not an Open Library ID such as OL21594A"),
            ({"type": "other"}, "value", "is required"),
        ],
    )
    def test_are_checked(
        self, member: Client, make: Factory, identifier: dict[str, str], pointer: str, detail: str
    ) -> None:
        reply = member.put(f"/authors/{make.author(member)['id']}", json={"identifiers": [identifier]})
        assert faults(reply) == [(f"/identifiers/0/{pointer}", detail)]

    def test_of_books_are_others(self, member: Client) -> None:
        body = {"name": "Eliot", "identifiers": [{"type": "isbn", "value": "9780141439587"}]}
        [(pointer, detail)] = faults(member.post("/authors", json=body))
        assert pointer == "/identifiers/0/type"
        assert detail.startswith("must be one of viaf, isni, orcid, ")
