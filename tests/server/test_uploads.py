"""Files to import: received only from those who may import, and larger than other bodies."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from devtools.serving import migrated
from tests.server.raw import raw_connection, status_of
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 3_000_000
"""Bytes; other bodies may have a third of it."""
HEADER = b"title,author,isbn\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a low limit."""
    folder = tmp_path_factory.mktemp("uploads")
    with serving(migrated(f"sqlite:///{folder}/books.db"), folder, max_import_size=LARGEST) as served:
        yield served


def table_of(size: int) -> bytes:
    """A table of about so many bytes, with two books in it."""
    return HEADER + b"Emma,Jane Austen,\n" + b"\n" * size + b"Persuasion,Jane Austen,\n"


class TestSize:
    def test_may_be_larger_than_that_of_other_bodies(self, served: Served) -> None:
        member = served.member()
        assert member.post("/imports?dry_run=true", content=table_of(2_000_000)).json()["created"] == 2
        book = member.post("/books", content=b" " * 2_000_000, headers={"Content-Type": "application/json"})
        assert book.status_code == 413

    def test_has_a_limit(self, served: Served) -> None:
        assert served.member().post("/imports", content=table_of(LARGEST)).json()["code"] == "body_too_large"

    def test_of_what_is_compressed_has_the_same_limit(self, served: Served) -> None:
        member = served.member()
        bomb = gzip.compress(table_of(LARGEST))
        assert len(bomb) < 10_000
        assert member.post("/imports", content=bomb).json()["code"] == "body_too_large"
        assert member.post("/imports?dry_run=true", content=gzip.compress(table_of(1000))).json()["created"] == 2


class TestStranger:
    @pytest.mark.parametrize("token", [None, "bk_unknown", "e30.e30.e30"])
    def test_is_refused_before_the_body_is_received(self, served: Served, token: str | None) -> None:
        authorization = f"Authorization: Bearer {token}\r\n" if token else ""
        with raw_connection(served.base) as connection:
            connection.send(
                f"POST /imports HTTP/1.1\r\nHost: books\r\n{authorization}Content-Length: {LARGEST}\r\n\r\n".encode()
            )
            head = connection.read_head()
            assert status_of(head) == 401
            assert b"\r\nconnection: close" in head.lower()

    def test_with_a_key_for_other_things_is_refused(self, served: Served) -> None:
        member = served.member()
        key = Factory(member).key(member, "books:write")["key"]
        reply = served.client().as_bearer(key).post("/imports", content=table_of(2_000_000))
        assert (reply.status_code, reply.json()["code"]) == (403, "insufficient_scope")
