"""The pages that explain the service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app import __version__
from app.web.http_errors import every_error, status_of
from devtools.databases import ROOT

if TYPE_CHECKING:
    from tests.support.client import Client

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PAGES = ["/", "/docs", "/docs/errors"]
FOLDER = ROOT / "app" / "pages"


class TestWelcome:
    @pytest.mark.parametrize(
        "accept", ["*/*", "application/json", "", "text/plain", "application/json, text/html;q=0.9"]
    )
    def test_is_json_for_programs(self, client: Client, accept: str) -> None:
        reply = client.get("/", headers={"Accept": accept})
        assert reply.headers["Content-Type"] == "application/json"
        assert (reply.json()["message"], reply.json()["version"]) == ("Welcome to the Books API", __version__)

    def test_is_a_page_for_a_browser(self, client: Client) -> None:
        reply = client.get("/", headers={"Accept": BROWSER})
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "<h1>Welcome to the Books API</h1>" in reply.text

    @pytest.mark.parametrize("accept", ["*/*", BROWSER])
    def test_caches_are_told_that_it_depends(self, client: Client, accept: str) -> None:
        assert client.get("/", headers={"Accept": accept}).headers["Vary"] == "Accept, Accept-Encoding"

    def test_its_links_lead_somewhere(self, client: Client) -> None:
        links = client.get("/").json()["links"]
        assert {"books", "docs", "openapi", "errors"} <= links.keys()
        assert {client.get(address).status_code for address in links.values()} == {200}


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_load_nothing_from_elsewhere(self, client: Client, path: str) -> None:
        reply = client.get(path, headers={"Accept": BROWSER})
        policy = reply.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", reply.text) == []

    @pytest.mark.parametrize("path", PAGES)
    def test_have_no_script_or_style_within(self, client: Client, path: str) -> None:
        text = client.get(path, headers={"Accept": BROWSER}).text
        assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", text) == []

    @pytest.mark.parametrize("path", PAGES)
    def test_everything_that_they_load_is_there(self, client: Client, path: str) -> None:
        text = client.get(path, headers={"Accept": BROWSER}).text
        wanted = re.findall(r'(?:src|href)="(/[^"]+)"', text)
        assert wanted
        assert {client.get(address).status_code for address in wanted} == {200}

    @pytest.mark.parametrize("name", ["nothing.js", "..%2f__init__.py", "%2e%2e/__init__.py"])
    def test_serve_their_own_files_and_no_others(self, client: Client, name: str) -> None:
        assert client.get(f"/docs/assets/{name}").status_code == 404

    @pytest.mark.parametrize("path", ["/static", "/static/", "/docs/assets", "/docs/assets/", "/.git/HEAD", "/.env"])
    def test_list_no_folder(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 404

    def test_mask_passwords_and_let_a_password_manager_fill_them_in(self) -> None:
        """Some managers paste; `one-time-code` and the like would keep others away."""
        texts = [path.read_text() for path in FOLDER.rglob("*") if path.suffix in {".html", ".js"}]
        fields = [field for text in texts for field in re.findall(r"<input[^>]*>", text) if "password" in field]
        assert fields
        assert [field for field in fields if 'type="password"' not in field] == []
        assert [field for field in fields if not re.search(r'autocomplete="(new|current)-password"', field)] == []
        assert [text for text in texts if "paste" in text] == []

    def test_keep_nothing_in_the_browser(self) -> None:
        """What is signed in ends with the page; `sessionStorage` ends with its tab."""
        scripts = {path.name: path.read_text() for path in FOLDER.rglob("*.js")}
        assert "persistAuthorization: false" in scripts["docs.js"]
        lasting = re.compile(r"localStorage|indexedDB|document\.cookie|caches\.")
        assert [name for name, text in scripts.items() if lasting.search(text)] == []


class TestErrors:
    def test_every_code_is_explained_under_an_anchor(self, client: Client) -> None:
        text = client.get("/docs/errors").text
        assert set(re.findall(r'<section id="(\w+)">', text)) == {error.code for error in every_error()}

    def test_no_two_have_one_code(self) -> None:
        codes = [error.code for error in every_error()]
        assert len(codes) == len(set(codes))

    @pytest.mark.parametrize("error", list(every_error()), ids=lambda error: error.code)
    def test_each_says_what_it_means_and_what_to_do(self, error: type) -> None:
        assert 400 <= status_of(error) <= 599
        for text in ("title", "message", "remedy"):
            assert getattr(error, text)


class TestOpenApi:
    def test_is_served_as_json(self, client: Client) -> None:
        reply = client.get("/openapi.json")
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.json()["openapi"].startswith("3.1.")
