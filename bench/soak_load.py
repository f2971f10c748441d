"""Clients who read, write, search and log in at a steady rate, and count the responses."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, perf_counter, sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from bench.catalogue import isbn_of
from bench.soak_tally import Tally
from devtools.faults.load import CLOSED, LATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from devtools.faults.target import Target

PASSWORD = "a swarm of readers"  # noqa: S105  (of users that exist here alone)
WORDS = ("sea", "emma", "winter", "garden", "house", "night", "letters", "war", "history", "love")
FILTERS = ("", "?sort=title", "?sort=-published_year", "?genre=fiction", "?language=en&limit=20", "?limit=100")
FAR_BEHIND = 1.0
"""Seconds behind its schedule after which a client begins a new one: the rate stays bounded."""
OWN_BOOKS = 20
"""How many books of its own a client keeps, about: the catalogue does not grow, so memory should not either."""
BATCH = 10
BOOK = "/books/{book_id}"
OFTEN = 0.5
"""How often a book is read with the validator of the last response."""


class Visitor:
    """A client with an account and an author of its own.

    Args:
        target: the service.
        number: of the client: names its account, and seeds its choices.
    """

    def __init__(self, target: Target, number: int) -> None:
        self._target, self._number = target, number
        self._dice = random.Random(number)  # noqa: S311  (chooses what to request)
        self._tally = Tally()
        self._books: list[int] = []
        self._seen = [1]
        self._tags: dict[int, str] = {}
        self._tokens: dict[str, str] = {}
        self._cursor = ""
        self._connection = target.client()
        self._account = {"username": f"visitor{number}", "password": PASSWORD}
        self._connection.post("/register", json=self._account).raise_for_status()
        self.log_in()
        token = {"Authorization": f"Bearer {self._tokens['access_token']}"}
        author = self._connection.post("/authors", json={"name": f"Visitor {number}"}, headers=token)
        self._author: int = author.raise_for_status().json()["id"]

    def visit(self, tally: Tally, rate: float, until: Event) -> None:
        """Send requests at a rate per second, one at a time, until the event."""
        self._tally = tally
        actions, weights = list(WEIGHTS), list(WEIGHTS.values())
        due = monotonic() + self._number / rate / 10
        while not until.is_set():
            sleep(max(0.0, due - monotonic()))
            self._dice.choices(actions, weights)[0](self)
            due = max(due + 1 / rate, monotonic() - FAR_BEHIND)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def open_book(self) -> None:
        """Read a book, sometimes again with its validator; another client may have deleted it."""
        book_id = self._dice.choice(self._seen)
        is_known = book_id in self._tags and self._dice.random() < OFTEN
        headers = {"If-None-Match": self._tags[book_id]} if is_known else {}
        reply = self._ask("GET", f"/books/{book_id}", BOOK, headers=headers, expected=(200, 304, 404))
        if reply is not None and reply.status_code == httpx.codes.OK:
            self._tags[book_id] = reply.headers["ETag"]

    def list_books(self) -> None:
        """Read a page of books, or the next one."""
        query = self._cursor or self._dice.choice(FILTERS)
        reply = self._ask("GET", f"/books{query}")
        self._cursor = ""
        if reply is not None and reply.is_success:
            self._seen = [book["id"] for book in reply.json()] or [1]
            self._tags = {number: tag for number, tag in self._tags.items() if number in self._seen}
            self._cursor = "?" + reply.links["next"]["url"].partition("?")[2] if "next" in reply.links else ""

    def search(self) -> None:
        """Search for one or two words, or the beginning of one."""
        words = self._dice.sample(WORDS, self._dice.choice((1, 1, 2)))
        self._ask("GET", f"/books?q={'+'.join(words)}")

    def read_authors(self) -> None:
        """Read the list of authors, the own author, and that author's books."""
        self._ask("GET", "/authors")
        self._ask("GET", f"/authors/{self._author}", "/authors/{author_id}")
        self._ask("GET", f"/authors/{self._author}/books", "/authors/{author_id}/books")

    def create_book(self) -> None:
        """Create a book, if there are not too many."""
        if len(self._books) >= OWN_BOOKS * 2:
            return
        title = " ".join(self._dice.sample(WORDS, 3)).title()
        body = {"title": title, "author_id": self._author, "genres": ["Fiction"], "published_year": 1990}
        reply = self._ask("POST", "/books", body=body, expected=(201,))
        if reply is not None and reply.is_success:
            self._books.append(reply.json()["id"])

    def change_book(self) -> None:
        """Change a book of one's own."""
        if self._books:
            body = {"published_year": self._dice.randint(1800, 2000)}
            self._ask("PUT", f"/books/{self._dice.choice(self._books)}", BOOK, body=body)

    def delete_book(self) -> None:
        """Delete a book of one's own, if there are enough."""
        if len(self._books) > OWN_BOOKS:
            book_id = self._books.pop(self._dice.randrange(len(self._books)))
            self._ask("DELETE", f"/books/{book_id}", BOOK)

    def send_batch(self) -> None:
        """Update the same books again, found by their ISBNs; the first batch creates them."""
        books = [
            {
                "title": " ".join(self._dice.sample(WORDS, 3)).title(),
                "author_id": self._author,
                "isbn": isbn_of(self._number * BATCH + place),
            }
            for place in range(BATCH)
        ]
        self._ask("POST", "/books/batch", body={"books": books}, expected=(207,))

    def log_in(self) -> None:
        """Log in, on a new connection."""
        self._connection.close()
        self._connection = self._target.client()
        self._keep_tokens(self._ask("POST", "/auth/login", body=self._account))

    def refresh(self) -> None:
        """Exchange the refresh token."""
        body = {"refresh_token": self._tokens["refresh_token"]}
        self._keep_tokens(self._ask("POST", "/auth/refresh", body=body))

    def look_at_account(self) -> None:
        """Read one's own account and sessions."""
        self._ask("GET", "/auth/me")
        self._ask("GET", "/auth/sessions")

    def use_a_key(self) -> None:
        """Create an API key, and delete it."""
        body = {"name": "soak", "scopes": ["books:read"]}
        reply = self._ask("POST", "/auth/keys", body=body, expected=(201,))
        if reply is not None and reply.is_success:
            self._ask("DELETE", f"/auth/keys/{reply.json()['id']}", "/auth/keys/{key_id}")

    def read_pages(self) -> None:
        """Read genres, the OpenAPI document, and what probes read."""
        for path in ("/genres", "/languages", "/openapi.json", "/readyz", "/healthz", "/"):
            self._ask("GET", path)

    def err(self) -> None:
        """Send what is refused: no such book, path or user, an invalid book and query, a wrong token."""
        self._ask("GET", f"/books/{10**9}", BOOK, expected=(404,))
        self._ask("GET", "/no/such/path", "unknown", expected=(404,))
        self._ask("POST", "/books", body={"title": ""}, expected=(400,))
        self._ask("POST", "/books", body={}, headers={"Authorization": "Bearer wrong"}, expected=(401,))
        self._ask("GET", "/books?limit=none", expected=(400,))
        stranger = {"username": uuid4().hex, "password": PASSWORD}
        self._ask("POST", "/auth/login", body=stranger, expected=(401,))

    def _keep_tokens(self, reply: httpx.Response | None) -> None:
        if reply is not None and reply.is_success:
            self._tokens = reply.json()

    def _ask(  # noqa: PLR0913  (most are given by name)
        self,
        method: str,
        path: str,
        route: str = "",
        *,
        body: object = None,
        headers: dict[str, str] | None = None,
        expected: tuple[int, ...] = (200,),
    ) -> httpx.Response | None:
        """Send a request, and count the response under its route, by default the path without its query.

        Returns: None if there was no response.
        """
        route = route or path.partition("?")[0]
        sent = {"Authorization": f"Bearer {self._tokens['access_token']}"} if self._tokens else {}
        began, reply = perf_counter(), None
        try:
            reply = self._connection.request(method, path, json=body, headers=sent | (headers or {}))
            status = str(reply.status_code)
        except httpx.TimeoutException:
            status = LATE
        except httpx.TransportError:
            status = CLOSED
        is_problem = reply is not None and "problem" in reply.headers.get("Content-Type", "")
        code = reply.json()["code"] if reply is not None and is_problem else None
        is_expected = reply is not None and reply.status_code in expected
        self._tally.note((route, method, status), perf_counter() - began, code, expected=is_expected)
        return reply


WEIGHTS: dict[Callable[[Visitor], Any], int] = {
    Visitor.open_book: 40,
    Visitor.list_books: 15,
    Visitor.search: 15,
    Visitor.read_authors: 5,
    Visitor.create_book: 8,
    Visitor.change_book: 6,
    Visitor.delete_book: 8,
    Visitor.send_batch: 2,
    Visitor.log_in: 2,
    Visitor.refresh: 2,
    Visitor.look_at_account: 2,
    Visitor.use_a_key: 1,
    Visitor.read_pages: 1,
    Visitor.err: 1,
}
"""How often a client does each; some are several requests."""


def visit(tally: Tally, rate: float, visitors: list[Visitor], until: Event) -> None:
    """Have all visitors send requests, `rate` actions a second together, until the event."""
    with ThreadPoolExecutor(len(visitors)) as pool:
        for done in [pool.submit(one.visit, tally, rate / len(visitors), until) for one in visitors]:
            done.result()
