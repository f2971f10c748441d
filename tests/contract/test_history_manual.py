"""The program of docs/history.md that follows the catalogue, run as printed and killed at random."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from devtools.databases import ROOT, fresh_url
from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client import Client

KILLS = 4


def printed() -> str:
    """The program."""
    [program] = re.findall(
        r"^```python\n(.*?)^```$", (ROOT / "docs" / "history.md").read_text(), re.MULTILINE | re.DOTALL
    )
    return str(program)


def catalogue(client: Client) -> dict[str, Any]:
    """All records, as the program stores them."""
    kinds = (("author", "/authors?limit=200"), ("book", "/books?limit=200"))
    return {f"{kind} {record['id']}": record for kind, address in kinds for record in client.get(address).json()}


@pytest.mark.slow
def test_the_follower_ends_with_the_catalogue(kind: str, server_url: str, tmp_path: Path) -> None:
    file, program, chance = tmp_path / "copy.json", tmp_path / "follow.py", random.Random(12)  # noqa: S311  (no secret)
    program.write_text(printed())

    def copy() -> dict[str, Any]:
        stored: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return {key: record for key, record in stored.items() if key != "next"}

    with fresh_url(kind, server_url, tmp_path) as url, serving(migrated(url), tmp_path) as served:
        member = served.member()
        make = Factory(member)
        books = [make.book(member, by="Jane Austen") for _ in range(5)]
        command = [sys.executable, str(program), served.base, str(file)]
        for _ in range(KILLS):
            follower = subprocess.Popen(command)  # noqa: S603  (our own command)
            try:
                for book in books:
                    member.patch(f"/books/{book['id']}", json={"pages": chance.randint(1, 9_999)}).raise_for_status()
                member.patch(f"/authors/{books[0]['author_id']}", json={"name": f"Ann {chance.random()}"})
                books.append(make.book(member, author_id=books[0]["author_id"]))
                member.delete(f"/books/{books.pop(1)['id']}").raise_for_status()
                if chance.random() < 0.5:
                    wait_until(lambda: copy() == catalogue(member), within=60)
            finally:
                follower.kill()
                follower.wait()
        follower = subprocess.Popen(command)  # noqa: S603  (our own command)
        try:
            wait_until(lambda: copy() == catalogue(member), within=60)
        finally:
            follower.kill()
            follower.wait()
        assert len(copy()) > len(books)
