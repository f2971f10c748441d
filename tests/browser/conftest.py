"""A real browser, and a running service."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from devtools.serving import migrated
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Request, Response

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions"),
]
"""It requests nothing but the service; and it may run as root, as in CI."""
PATIENCE = 20_000
"""Milliseconds for whatever should appear."""
expect.set_options(timeout=PATIENCE)


@dataclass
class PageMonitor:
    """Records all errors and foreign requests of a page."""

    page: Page
    host: str
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note errors on the console (a breach of the CSP is one), exceptions, foreign requests, and failed ones."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        self.page.on("request", self._request)
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.host:
            self.complaints.append(f"foreign: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before the request completed
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed here (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service on an SQLite file; what a browser sees does not depend on the database."""
    folder = tmp_path_factory.mktemp("browser")
    with serving(migrated(f"sqlite:///{folder}/books.db"), folder) as served:
        yield served


@pytest.fixture
def monitor(browser: Browser, served: Served) -> Iterator[PageMonitor]:
    """A page with nothing on it, and nothing remembered from before. What goes wrong on it fails the test."""
    context = browser.new_context(base_url=served.base, viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(PATIENCE)
    monitor = PageMonitor(context.new_page(), urlsplit(served.base).netloc)
    monitor.watch()
    yield monitor
    context.close()
    assert monitor.complaints == []
