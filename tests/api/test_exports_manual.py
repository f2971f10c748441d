"""The manual of exports is true: its requests get the answers that it shows, and its commands do what it says."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest

from app.queries.exports import exported
from app.routers.exports import WRITTEN
from app.schemas.lists import BookSearch
from devtools.databases import ROOT
from scripts import export_books
from tests.support.factories import Factory

if TYPE_CHECKING:
    from pathlib import Path

    from app.database import Database
    from tests.support.client import Client

MANUAL = (ROOT / "docs" / "exports.md").read_text()
SHOWN = "\n".join(re.findall(r"^```console\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL))
EXCHANGES = re.findall(r"^\$ curl -s '[^/]+//[^/]+(/.*?)'\n(.*?)(?=^\$ |\Z)", SHOWN, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^\$ python -m scripts.export_books (.*)\n(.*\n)", SHOWN, re.MULTILINE)
A_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z")


@pytest.fixture
def emma(own_client: Client) -> None:
    """The one book of the manual."""
    member = Factory(own_client).user()
    author = Factory(own_client).author(member, name="Jane Austen")
    book = {
        "title": "Emma",
        "author_id": author["id"],
        "isbn": "9780141439587",
        "published_year": 1815,
        "language": "en",
        "publisher": "Penguin",
        "pages": 512,
        "genres": ["Fiction", "Classics"],
    }
    member.post("/books", json=book).raise_for_status()


@pytest.mark.usefixtures("emma")
def test_requests(own_client: Client) -> None:
    assert len(EXCHANGES) == 3
    for address, answer in EXCHANGES:
        text = own_client.get(address).raise_for_status().text.replace("\r\n", "\n")
        assert A_TIME.sub("2026-11-22T10:00:00Z", text) == answer.rstrip("\n") + "\n"


@pytest.mark.usefixtures("emma")
def test_commands(
    own_database: Database,
    own_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(export_books, "open_database", lambda: own_database)
    assert len(COMMANDS) == 2
    for arguments, message in COMMANDS:
        export_books.main(arguments.split())
        assert capsys.readouterr().err == message
    lines = gzip.decompress((tmp_path / "catalogue.jsonl.gz").read_bytes()).splitlines()
    assert [b'"title"' in line for line in lines] == [False, True]
    whole = b"".join(exported(own_database.reading, BookSearch(q="emma"), WRITTEN["csv"]))
    assert gzip.decompress((tmp_path / "emma.csv.gz").read_bytes()) == whole


def test_formats_are_all_there() -> None:
    *_, formats, losses = re.split(r"^## ", MANUAL, flags=re.MULTILINE)
    for form in WRITTEN.values():
        assert f"| `{form.name}` | `{form.media_type}` |" in formats
        assert f"| `{form.name}` |" in losses
