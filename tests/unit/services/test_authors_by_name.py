"""Authors who share names and aliases, of whom there may be very many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.models import Author
from app.services.authors import insert_aliases
from app.services.authors_by_name import MOST_LISTED, NamedPeople

if TYPE_CHECKING:
    from app.database import Database

MANY = 3 * MOST_LISTED


@pytest.fixture
def ids(own_database: Database) -> list[int]:
    """Authors with one name and one alias: the first third are called Ann, and the others Bob with the alias Ann."""
    with own_database.transaction() as db:
        authors = [
            Author(name="Ann Example", aliases=["Bob"])
            if number < MANY // 3
            else Author(name="Bob", aliases=["Ann Example"])
            for number in range(MANY)
        ]
        db.add_all(authors)
        db.flush()
        insert_aliases(db, authors)
        return sorted(author.id for author in authors)


class TestNamedPeople:
    def test_reads_only_the_oldest_of_each_key(self, own_database: Database, ids: list[int]) -> None:
        with own_database.transaction() as db:
            people = NamedPeople(db)
            people.find(["Ann Example", "Bob"])
            of_ann, of_bob = sorted(people.of("Example, Ann")), sorted(people.of("bob"))
        named_bob = ids[MANY // 3 : MANY // 3 + MOST_LISTED]
        assert of_ann == of_bob == ids[: MANY // 3] + named_bob

    def test_finds_the_oldest_with_the_name_as_their_own(self, own_database: Database, ids: list[int]) -> None:
        with own_database.transaction() as db:
            people = NamedPeople(db)
            people.find(["Ann Example", "Bob"])
            assert people.oldest("Ann Example") == people.own("Example, Ann") == (ids[0], "Ann Example")
            assert people.oldest("Bob") == people.own("BOB") == (ids[MANY // 3], "Bob")

    def test_lists_the_oldest_of_those_who_share_a_name(self, own_database: Database, ids: list[int]) -> None:
        with own_database.transaction() as db:
            people = NamedPeople(db)
            people.find(["Bob"])
            fault = people.fault("Bob")
        listed = ", ".join(map(str, ids[:MOST_LISTED]))
        assert fault == f"is the name of several authors: give the author_id ({listed})"
