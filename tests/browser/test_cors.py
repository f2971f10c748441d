"""A page of another origin in a real browser: it may call the service where CORS_ORIGINS says so."""

from __future__ import annotations

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from devtools.serving import migrated
from tests.support.factories import PASSWORD
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.support.serving import Served

READ_AND_WRITE = """async ([base, credentials]) => {
    const ask = (path, method, token, body) => fetch(base + path, {
        method,
        headers: {"Content-Type": "application/json", ...(token && {Authorization: `Bearer ${token}`})},
        body: JSON.stringify(body),
    });
    const list = await fetch(base + "/books");
    await ask("/register", "POST", null, credentials);
    const {access_token} = await (await ask("/auth/login", "POST", null, credentials)).json();
    const author = await ask("/authors", "POST", access_token, {name: "Jane Austen"});
    const changed = await ask(author.headers.get("Location"), "PATCH", access_token, {bio: "Novelist"});
    return [list.status, list.headers.get("Link") !== null, author.status, changed.status];
}"""
READ = "async base => { try { return (await fetch(base + '/books')).status } catch (error) { return error.name } }"


class EmptyPage(BaseHTTPRequestHandler):
    """Whose only content is its origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:>")

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """Another origin on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def page_of(browser: Browser, origin: str) -> Iterator[Page]:
    """A page of this origin."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(origin)
    yield page
    context.close()


class TestPageElsewhere:
    def test_may_read_and_write_where_it_is_allowed(self, browser: Browser, elsewhere: str, tmp_path: Path) -> None:
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        credentials = {"username": "elsewhere", "password": PASSWORD}
        with (
            serving(url, tmp_path, cors_origins=f"https://books.example,{elsewhere}") as served,
            page_of(browser, elsewhere) as page,
        ):
            assert page.evaluate(READ_AND_WRITE, [served.base, credentials]) == [200, True, 201, 200]

    def test_may_not_otherwise(self, browser: Browser, elsewhere: str, served: Served) -> None:
        with page_of(browser, elsewhere) as page:
            assert page.evaluate(READ, served.base) == "TypeError"

    def test_the_service_itself_may(self, browser: Browser, served: Served) -> None:
        with page_of(browser, f"{served.base}/docs") as page:
            assert page.evaluate(READ, served.base) == 200
