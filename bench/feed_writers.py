"""The clients that write while the feed is followed: single books, batches, imports, renames, and long transactions."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import suppress
from itertools import count
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import exc

from app.errors import BooksError
from app.schemas.books import BookCreate
from app.services.books import BookService
from devtools.databases import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.feed_service import Services

BATCH = 200
IMPORT = 2_000
RENAMED = 20
"""Books of the author who is renamed."""
LONGEST = {"postgresql": 5.0, "sqlite": 0.1}
"""Seconds that a transaction stays open after its writes; on SQLite all other writers wait for it."""
PATIENCE = 60
PAUSE = 0.5
"""Seconds at most between two writes of a client: writers without a pause measure how busy the machine is."""
GONE = (httpx.HTTPError, BooksError, exc.SQLAlchemyError)
"""What a writer gets of a kill: it goes on."""
_numbers = count(1)


class Writers:
    """Threads that write until they are stopped."""

    def __init__(self, services: Services, number: int) -> None:
        self._services = services
        self.stopping = Event()
        self.threads = [Thread(target=self._run, args=[at], daemon=True) for at in range(number)]
        self._author_id = self._renamed_id = 0

    def stop(self) -> None:
        """Stop them, and wait until they have."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def _run(self, at: int) -> None:
        chance = random.Random(at)  # noqa: S311  (not for secrets)
        headers = {"Authorization": f"Bearer {self._services.key}"}
        work: Callable[[httpx.Client, random.Random], None]
        work = {0: self._batch, 1: self._import, 2: self._rename}.get(
            at, self._hold if at in {3, 4, 5} else self._write
        )
        while not self.stopping.is_set():
            address = self._services.address(chance.randrange(2))
            with (
                suppress(*GONE),
                httpx.Client(base_url=address, headers=headers, timeout=PATIENCE, trust_env=False) as client,
            ):
                for _ in range(50):
                    if not self.stopping.is_set():
                        work(client, chance)
                        self.stopping.wait(chance.uniform(0, PAUSE))
            self.stopping.wait(0.1)  # the service may be starting

    def _write(self, client: httpx.Client, chance: random.Random) -> None:
        """Add a book, change some book, or delete one."""
        what, some = chance.random(), chance.choice(self._some_books(client, chance) or [None])
        if what < 0.4 or some is None:  # noqa: PLR2004  (a share)
            self._note(client.post("/books", json=self._book(client)), "book")
        elif what < 0.9:  # noqa: PLR2004  (a share)
            self._note(client.patch(f"/books/{some}", json={"pages": chance.randint(1, 9_999)}), "book")
        else:
            client.delete(f"/books/{some}")

    def _rename(self, client: httpx.Client, chance: random.Random) -> None:
        """Rename an author, and so the author's books."""
        if not self._renamed_id:
            author = client.post("/authors", json={"name": "Ann Renamed"}).raise_for_status().json()
            for _ in range(RENAMED):
                client.post("/books", json={"title": "Renamed", "author_id": author["id"]}).raise_for_status()
            self._renamed_id = author["id"]
        name = f"Author {chance.randrange(9**9)}"
        self._note(client.patch(f"/authors/{self._renamed_id}", json={"name": name}), "author")
        self.stopping.wait(1)

    def _batch(self, client: httpx.Client, _chance: random.Random) -> None:
        client.post("/books/batch", json={"books": [self._book(client) for _ in range(BATCH)]})
        self.stopping.wait(1)

    def _import(self, _client: httpx.Client, _chance: random.Random) -> None:
        """The command, in a process of its own."""
        file = self._services.folder / "import.csv"
        titles = (f"Imported {next(_numbers)} at {monotonic()}" for _ in range(IMPORT))
        file.write_text("title,author\n" + "".join(f"{title},Ann Import\n" for title in titles))
        command = [sys.executable, "-m", "scripts.import_books", str(file)]
        subprocess.run(  # noqa: S603  (our own command)
            command, cwd=ROOT, env=self._services.environment(), capture_output=True, check=False
        )
        self.stopping.wait(2)

    def _hold(self, client: httpx.Client, chance: random.Random) -> None:
        """Keep a transaction open after its write, as a slow client of the database would."""
        author_id = self._author(client)
        with self._services.database.transaction() as db:
            data = BookCreate.model_validate({"title": f"Held {next(_numbers)}", "author_id": author_id})
            book = BookService(db).create(data, None)
            self.stopping.wait(chance.uniform(0, LONGEST[self._services.kind]))
        self._services.committed["book", book.id, book.version] = monotonic()

    def _note(self, reply: httpx.Response, kind: str) -> None:
        """Note when a change was acknowledged, and so committed."""
        if reply.is_success:
            self._services.committed[kind, reply.json()["id"], reply.json()["version"]] = monotonic()

    def _some_books(self, client: httpx.Client, chance: random.Random) -> list[int]:
        reply = client.get("/books", params={"limit": 50, "fields": "id", "sort": chance.choice(["id", "-id"])})
        return [book["id"] for book in reply.json()] if reply.is_success else []

    def _author(self, client: httpx.Client) -> int:
        """The first author, who is added if there is none."""
        known = client.get("/authors", params={"limit": 1}).raise_for_status().json()
        if known:
            return int(known[0]["id"])
        return int(client.post("/authors", json={"name": "Ann Other"}).raise_for_status().json()["id"])

    def _book(self, client: httpx.Client) -> dict[str, Any]:
        self._author_id = self._author_id or self._author(client)
        return {"title": f"Book {next(_numbers)}", "author_id": self._author_id}
