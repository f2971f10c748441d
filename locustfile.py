"""Load test: users who browse, and now and then add a book, change it, or delete it again.

    locust -f locustfile.py --headless -u 100 -r 20 -t 5m -H http://localhost:5000

Users and books are left behind: `python -m scripts.cleanup_after_loadtest` removes them.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

from locust import FastHttpUser, between, task
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS

WORD = re.compile(r"\w+")
NEXT_PAGE = re.compile(r'<([^>]+)>; rel="next"')
PASSWORD = "a swarm of readers"  # noqa: S105  (of users that exist only for the test)

dice = random.Random()  # noqa: S311  (chooses what to read, not for secrets)


class Answer(NamedTuple):
    """A response with an expected status."""

    status: int
    body: Any
    next_page: str | None


class Reader(FastHttpUser):
    """A user with an account, who mostly reads.

    A failure does not stop a reader: it is counted, and the reader continues. Without a token only writes are skipped,
    and the next write tries to sign in first.
    """

    wait_time = between(0.5, 2)

    username: str | None = None
    token: str | None = None
    author_id: int | None = None
    next_page: str | None = None

    def on_start(self) -> None:
        """Register and sign in. Each takes the service 0.3 s of a core, so users who start together have to queue."""
        self.seen: list[dict[str, Any]] = []
        self.own: list[int] = []
        self.sign_in()

    @task(10)
    def browse(self) -> None:
        """List books."""
        self.show(self.ask("GET", "/books", "/books", 200))

    @task(4)
    def turn_page(self) -> None:
        """Fetch the next page, if there is one."""
        if self.next_page is not None:
            self.show(self.ask("GET", self.next_page, "/books?cursor=[cursor]", 200))

    @task(3)
    def look_up_author(self) -> None:
        """List the books of an author on the page."""
        if self.seen:
            author_id = dice.choice(self.seen)["author_id"]
            self.ask("GET", f"/books?author_id={author_id}", "/books?author_id=[id]", 200)

    @task(3)
    def search(self) -> None:
        """Search for a word from a title on the page."""
        if self.seen:
            words = WORD.findall(dice.choice(self.seen)["title"]) or ["book"]
            self.ask("GET", f"/books?q={quote(dice.choice(words))}", "/books?q=[word]", 200)

    @task(6)
    def open_book(self) -> None:
        """Fetch a book on the page. Its owner may have deleted it since: then a 404 is the right answer."""
        if self.seen:
            self.ask("GET", f"/books/{dice.choice(self.seen)['id']}", "/books/[id]", 200, 404)

    @task(2)
    def add_book(self) -> None:
        """Create a book, and before the first one its author."""
        # One author per reader, and a genre that most catalogues have: the cleanup does not delete either.
        if self.author_id is None:
            author = self.write("POST", "/authors", "/authors", 201, {"name": f"Locust Author {uuid4().hex[:8]}"})
            if author is None:
                return
            self.author_id = author.body["id"]
        draft = {"title": f"Locust Book {uuid4().hex[:8]}", "author_id": self.author_id, "genres": ["Fiction"]}
        book = self.write("POST", "/books", "/books", 201, draft)
        if book is not None:
            self.own.append(book.body["id"])

    @task(1)
    def change_book(self) -> None:
        """Update one of the reader's own books."""
        if self.own:
            change = {"published_year": dice.randint(1450, 2000)}
            self.write("PUT", f"/books/{dice.choice(self.own)}", "/books/[id]", 200, change)

    @task(1)
    def delete_book(self) -> None:
        """Delete one of the reader's own books."""
        if self.own:
            self.write("DELETE", f"/books/{self.own.pop()}", "/books/[id]", 200)

    def show(self, page: Answer | None) -> None:
        """Remember a page, unless its request failed."""
        if page is not None:
            self.seen, self.next_page = page.body, page.next_page

    def sign_in(self) -> bool:
        """Get a token, and before the first one an account; return whether that succeeded."""
        self.token = None
        if self.username is None:
            # A new name for each attempt: the previous response may have been lost, and its name be taken.
            username = f"locust_{uuid4().hex}"
            account = {"username": username, "password": PASSWORD}
            if self.ask("POST", "/register", "/register", 201, body=account) is None:
                return False
            self.username = username
        credentials = {"username": self.username, "password": PASSWORD}
        answer = self.ask("POST", "/auth/login", "/auth/login", 200, body=credentials)
        if answer is not None:
            self.token = answer.body["access_token"]
        return self.token is not None

    def write(self, method: str, path: str, name: str, expected: int, body: object = None) -> Answer | None:
        """Send a request that needs a token. A token is valid for 15 minutes: after a 401, sign in and retry once."""
        if self.token is None and not self.sign_in():
            return None
        answer = self.ask(method, path, name, expected, 401, body=body)
        if answer is not None and answer.status == 401:  # noqa: PLR2004  (a status)
            return self.ask(method, path, name, expected, body=body) if self.sign_in() else None
        return answer

    def ask(self, method: str, path: str, name: str, *expected: int, body: object = None) -> Answer | None:
        """Send a request. An unexpected status, or no response, counts as a failure and returns None."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self.client.request(method, path, name=name, json=body, headers=headers, catch_response=True) as reply:
            if not reply.status_code:  # no response: locust itself reports why
                return None
            try:
                content = json.loads(reply.content or b"")
            except (ValueError, *FAILURE_EXCEPTIONS):
                reply.failure(f"{reply.status_code}, and no JSON")
                return None
            if reply.status_code not in expected:
                # Only the code: equal failures are counted together, and the rest of a problem differs each time.
                reply.failure(f"{reply.status_code} {content.get('code') if isinstance(content, dict) else ''}")
                return None
            reply.success()
            following = NEXT_PAGE.search(reply.headers.get("Link", "") if reply.headers else "")
            return Answer(reply.status_code, content, following[1] if following else None)
