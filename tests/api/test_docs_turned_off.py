"""`DOCS_ENABLED=false`: no documentation, and no link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.settings import Settings
from scripts.quickstart import greeting
from tests.api.responses import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client

DOCS = ["/docs", "/openapi.json", "/docs/assets/swagger-ui.css", "/docs/assets/swagger-ui-bundle.js"]


@pytest.fixture
def bare(service_with: Callable[..., Client]) -> Client:
    """A client of a service without documentation."""
    return service_with(docs_enabled=False)


class TestTurnedOff:
    @pytest.mark.parametrize("path", DOCS)
    def test_is_not_found(self, bare: Client, client: Client, path: str) -> None:
        assert refusal(bare.get(path)) == (404, "not_found")
        assert bare.head(path).status_code == bare.options(path).status_code == 404
        assert client.get(path).status_code == 200

    def test_no_page_links_to_it(self, bare: Client, client: Client) -> None:
        links: dict[str, str] = client.get("/").json()["links"]
        assert bare.get("/").json()["links"] == {name: links[name] for name in links if links[name] not in DOCS}
        for path in ("/", "/docs/errors", "/join", "/reset"):
            page = bare.get(path, headers={"Accept": "text/html"})
            assert page.status_code == 200
            assert [address for address in DOCS if f'"{address}"' in page.text] == []
            assert "Link" not in page.headers

    def test_leaves_the_errors_and_the_icon(self, bare: Client) -> None:
        assert bare.get(bare.get("/nowhere").json()["type"]).status_code == 200
        assert bare.get("/favicon.ico").headers["Content-Type"] == "image/png"

    def test_is_not_announced_at_the_start(self) -> None:
        texts = [greeting(Settings(_env_file=None, docs_enabled=enabled)) for enabled in (True, False)]
        assert ["/docs" in text for text in texts] == [True, False]
