"""An import while others write what it brings, too."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

import pytest

from app.database import Database
from app.services.imports.importer import import_books
from app.transfer.tables.table import Table
from devtools.databases import settings_for
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import Factory

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

OFTEN = 10
"""Each time another is the first."""
IMPORTS = 0
"""The number of the client that imports, while the others send."""

_numbers = count(1)


class TestNewWordsAndGenres:
    def test_of_an_import_and_of_single_creations(self, clients: ConcurrentClients, served: Served) -> None:
        """The genre is new and so are all words: those of the author come after those of the title."""
        database = Database.of(settings_for(served.url))
        author_id = Factory(clients.member).author(clients.member, name="Zola")["id"]
        for _ in range(OFTEN):
            first = next(_numbers)
            title, name, genre = f"Aardvark{first}", f"Zymurgy{first}", f"Imported {first}"
            file = BytesIO(f"title,author,genres\n{title},{name},{genre}\n".encode())
            book = {"title": f"{title} {name}", "author_id": author_id, "genres": [genre]}

            def write(
                client: Client, number: int, book: dict[str, object] = book, file: BytesIO = file
            ) -> httpx.Response:
                if number != IMPORTS:
                    return client.post("/books", json=book)
                assert import_books(database, Table(file)).created == 1
                return client.get("/books?limit=1")

            assert tally(clients.at_once(write)) == {200: 1, 201: SIZE - 1}
            assert len(clients.member.get("/books", params={"q": f"{title} {name}", "genre": genre}).json()) == SIZE
        database.engine.dispose()
