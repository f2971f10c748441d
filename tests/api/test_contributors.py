"""The contributors of a book: the main author, and the others in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.domain.relator_codes import RELATORS
from tests.api.responses import faults, ids, refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

NO_SUCH_ID = 10**17
NO_ROLE = "is not a MARC relator code, such as aut, trl, edt or ill"
NAMES = ["Homer", "Emily Wilson", "Bernard Knox"]
HOMER, WILSON, KNOX = 0, 1, 2


@pytest.fixture
def author_ids(member: Client, make: Factory) -> list[int]:
    """Three authors: a poet, a translator and an editor."""
    return [make.author(member, name=name)["id"] for name in NAMES]


@pytest.fixture
def odyssey(member: Client, make: Factory, author_ids: list[int]) -> dict[str, Any]:
    """A book in which all three had a part."""
    return make.book(member, title="The Odyssey", contributors=parts(author_ids, "aut", "trl", "edt"))


def parts(author_ids: list[int], *roles: str) -> list[dict[str, Any]]:
    """The contributors of a book, as a client sends them."""
    return [{"author_id": author_id, "role": role} for author_id, role in zip(author_ids, roles, strict=False)]


def shown(book: dict[str, Any]) -> list[tuple[str, str]]:
    """Names and roles, as a book shows them."""
    return [(part["name"], part["role"]) for part in book["contributors"]]


class TestCreate:
    def test_keeps_the_order_and_shows_the_names(self, client: Client, odyssey: dict[str, Any]) -> None:
        assert shown(odyssey) == [("Homer", "aut"), ("Emily Wilson", "trl"), ("Bernard Knox", "edt")]
        assert client.get(f"/books/{odyssey['id']}").json() == odyssey

    def test_the_main_author_is_the_first_who_wrote_it(
        self, member: Client, make: Factory, author_ids: list[int]
    ) -> None:
        book = make.book(member, contributors=parts(author_ids, "trl", "aut", "aut"))
        assert book["author_id"] == author_ids[WILSON]

    def test_or_the_first_contributor_without_an_author(
        self, member: Client, make: Factory, author_ids: list[int]
    ) -> None:
        assert make.book(member, contributors=parts(author_ids, "edt", "ill"))["author_id"] == author_ids[HOMER]

    def test_or_whom_author_id_names_among_them(self, member: Client, make: Factory, author_ids: list[int]) -> None:
        book = make.book(member, author_id=author_ids[KNOX], contributors=parts(author_ids, "aut", "trl", "edt"))
        assert (book["author_id"], len(book["contributors"])) == (author_ids[KNOX], 3)

    def test_by_author_id_alone(self, member: Client, make: Factory, author_ids: list[int]) -> None:
        assert shown(make.book(member, author_id=author_ids[HOMER])) == [("Homer", "aut")]

    def test_a_role_need_not_be_given(self, member: Client, make: Factory, author_ids: list[int]) -> None:
        assert shown(make.book(member, contributors=[{"author_id": author_ids[HOMER]}])) == [("Homer", "aut")]

    def test_one_person_may_have_several_parts(self, member: Client, make: Factory, author_ids: list[int]) -> None:
        book = make.book(member, contributors=parts([author_ids[HOMER]] * 2, "aut", "ill"))
        assert shown(book) == [("Homer", "aut"), ("Homer", "ill")]

    def test_what_a_book_shows_may_be_sent_back(self, member: Client, make: Factory, odyssey: dict[str, Any]) -> None:
        same = {"contributors": odyssey["contributors"], "author_id": odyssey["author_id"]}
        assert shown(make.book(member, **same)) == shown(odyssey)
        assert member.put(f"/books/{odyssey['id']}", json=same).json()["version"] == 1

    def test_they_are_in_the_books_of_each(
        self, client: Client, odyssey: dict[str, Any], author_ids: list[int]
    ) -> None:
        found = [ids(client.get(f"/authors/{author_id}/books").json()["books"]) for author_id in author_ids]
        assert found == [[odyssey["id"]]] * 3


class TestChange:
    def test_author_id_replaces_only_the_main_author(
        self, member: Client, make: Factory, odyssey: dict[str, Any]
    ) -> None:
        author = make.author(member, name="Pseudo-Homer")["id"]
        changed = member.put(f"/books/{odyssey['id']}", json={"author_id": author}).raise_for_status().json()
        assert shown(changed) == [("Pseudo-Homer", "aut"), ("Emily Wilson", "trl"), ("Bernard Knox", "edt")]
        assert (changed["author_id"], changed["version"]) == (author, 2)

    def test_author_id_of_one_who_is_there_leaves_the_parts(
        self, member: Client, odyssey: dict[str, Any], author_ids: list[int]
    ) -> None:
        changed = member.put(f"/books/{odyssey['id']}", json={"author_id": author_ids[KNOX]}).raise_for_status().json()
        assert (changed["author_id"], changed["contributors"]) == (author_ids[KNOX], odyssey["contributors"])

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_contributors_replace_all(
        self, member: Client, odyssey: dict[str, Any], author_ids: list[int], method: str
    ) -> None:
        new = parts([author_ids[KNOX], author_ids[HOMER]], "edt", "aut")
        changed = member.request(method, f"/books/{odyssey['id']}", json={"contributors": new}).raise_for_status()
        assert shown(changed.json()) == [("Bernard Knox", "edt"), ("Homer", "aut")]
        assert changed.json()["author_id"] == author_ids[HOMER]

    def test_a_main_author_who_is_left_out_is_followed_by_the_first(
        self, member: Client, odyssey: dict[str, Any], author_ids: list[int]
    ) -> None:
        new = parts(author_ids[WILSON:], "trl", "aut")
        changed = member.put(f"/books/{odyssey['id']}", json={"contributors": new}).raise_for_status().json()
        assert changed["author_id"] == author_ids[KNOX]

    def test_another_role_is_a_new_version(
        self, member: Client, odyssey: dict[str, Any], author_ids: list[int]
    ) -> None:
        new = parts(author_ids, "aut", "trl", "ill")
        changed = member.put(f"/books/{odyssey['id']}", json={"contributors": new}).raise_for_status().json()
        assert (shown(changed)[KNOX], changed["version"]) == (("Bernard Knox", "ill"), 2)


class TestFormerNames:
    @pytest.fixture
    def read(self, member: Client, odyssey: dict[str, Any], author_ids: list[int]) -> dict[str, Any]:
        """The book as it was read before its author got another name, and then a third."""
        for name in ("Homeros", "Omero"):
            member.patch(f"/authors/{author_ids[HOMER]}", json={"name": name}).raise_for_status()
        return odyssey

    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize("name", ["Homer", "Homeros", "Omero"])
    def test_may_be_sent_back(self, member: Client, read: dict[str, Any], method: str, name: str) -> None:
        parts_read = [read["contributors"][HOMER] | {"name": name}, *read["contributors"][WILSON:]]
        reply = member.request(method, f"/books/{read['id']}", json={"contributors": parts_read, "pages": 541})
        assert shown(reply.raise_for_status().json())[HOMER] == ("Omero", "aut")

    def test_may_come_with_another_book(self, member: Client, make: Factory, read: dict[str, Any]) -> None:
        assert shown(make.book(member, contributors=read["contributors"]))[HOMER] == ("Omero", "aut")
        item = {"title": "The Iliad", "contributors": read["contributors"]}
        assert member.post("/books/batch", json={"books": [item]}).json()["results"][0]["status"] == 201

    def test_of_another_author_are_none(self, member: Client, read: dict[str, Any], author_ids: list[int]) -> None:
        swapped = [
            {"author_id": author_ids[WILSON], "name": "Homer"},
            {"author_id": author_ids[HOMER], "name": "Virgil"},
        ]
        reply = member.put(f"/books/{read['id']}", json={"contributors": swapped})
        wrong = "is not the name of the author with that author_id"
        assert faults(reply) == [("/contributors/0/name", wrong), ("/contributors/1/name", wrong)]

    def test_whole_books_from_before_are_another_version(self, member: Client, read: dict[str, Any]) -> None:
        assert refusal(member.put(f"/books/{read['id']}", json=read)) == (412, "version_mismatch")

    def test_go_with_the_author(self, member: Client, make: Factory) -> None:
        author = make.author(member, name="Virgil")
        member.patch(f"/authors/{author['id']}", json={"name": "Vergil"}).raise_for_status()
        assert member.delete(f"/authors/{author['id']}").status_code == 200


class TestRefused:
    @pytest.mark.parametrize(
        ("second", "where", "detail"),
        [
            ({"role": "xxx"}, "/contributors/1/role", NO_ROLE),
            ({"role": "TRL"}, "/contributors/1/role", NO_ROLE),
            ({"role": "translator"}, "/contributors/1/role", NO_ROLE),
            ({"author_id": "1"}, "/contributors/1/author_id", "must be an integer"),
            ({"author_id": 0}, "/contributors/1/author_id", "must be at least 1"),
            ({"author_id": NO_SUCH_ID}, "/contributors/1/author_id", "there is no author with that id"),
            ({"name": "Emily Bronte"}, "/contributors/1/name", "is not the name of the author with that author_id"),
            ({"name": 5}, "/contributors/1/name", "must be a string"),
            ({"born": 1971}, "/contributors/1/born", "is not a known field"),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_is_one_who_is_wrong(
        self, member: Client, make: Factory, author_ids: list[int], *, method: str, second: Any, where: str, detail: str
    ) -> None:
        book = make.book(member, author_id=author_ids[HOMER])
        path, needed = {"POST": ("/books", {"title": "The Odyssey"})}.get(method, (f"/books/{book['id']}", {}))
        right = parts(author_ids, "aut", "trl")
        right[HOMER]["name"] = "Homer"
        wrong = [right[HOMER], right[WILSON] | second]
        reply = member.request(method, path, json=needed | {"contributors": wrong})
        assert (reply.status_code, faults(reply)) == (400, [(where, detail)])
        assert member.get("/books").json() == [book]
        assert member.request(method, path, json=needed | {"contributors": right}).status_code in {200, 201}

    @pytest.mark.parametrize(
        ("roles", "where", "detail"),
        [
            ([], "/contributors", "must not be empty"),
            (["aut", "aut"], "/contributors", "must not repeat a person in the same role"),
            (sorted(RELATORS)[:201], "/contributors", "must have at most 200 entries"),
        ],
        ids=["none", "twice", "too many"],
    )
    def test_are_all_of_them(
        self, member: Client, author_ids: list[int], roles: list[str], where: str, detail: str
    ) -> None:
        body = {"title": "The Odyssey", "contributors": parts([author_ids[HOMER]] * len(roles), *roles)}
        reply = member.post("/books", json=body)
        assert (refusal(reply), faults(reply)) == ((400, "invalid_request"), [(where, detail)])

    def test_is_a_main_author_who_is_not_among_them(
        self, member: Client, odyssey: dict[str, Any], make: Factory
    ) -> None:
        body = {"author_id": make.author(member)["id"], "contributors": odyssey["contributors"]}
        replies = [
            member.post("/books", json={"title": "The Iliad"} | body),
            member.put(f"/books/{odyssey['id']}", json=body),
            member.patch(f"/books/{odyssey['id']}", json=body),
        ]
        assert [faults(reply) for reply in replies] == [[("/author_id", "must be among the contributors")]] * 3
