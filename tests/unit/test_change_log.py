"""The comparison of the change log with the catalogue finds what it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from devtools.change_log import faults_of_log

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory


class TestFaultsOfLog:
    @pytest.mark.parametrize(
        ("damage", "fault"),
        [
            ("UPDATE books SET document = '{}'", "books that are not what their last change says"),
            ("UPDATE books SET version = version + 1", "books that are not what their last change says"),
            ("DELETE FROM changes WHERE version = 2", "books with a change that does not continue the last"),
            ("UPDATE changes SET before = NULL", "books with a change that does not continue the last"),
            ("DELETE FROM changes WHERE kind = 'author'", "authors without a change"),
            ("UPDATE changes SET position = 9 WHERE version = 2 AND kind = 'book'", "gaps in the feed"),
            ("UPDATE changes SET position = -position", "out of order in the feed"),
        ],
    )
    def test_finds(self, member: Client, make: Factory, *, database: DatabaseInside, damage: str, fault: str) -> None:
        book = make.book(member, title="Emma")
        for pages in (1, 2):
            member.patch(f"/books/{book['id']}", json={"pages": pages}).raise_for_status()
        member.get("/changes?since=now").raise_for_status()
        assert faults_of_log(database.connection, complete=True) == {}
        database.connection.execute(text(damage))
        assert fault in faults_of_log(database.connection, complete=True)
