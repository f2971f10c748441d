"""The names of the founding layout are one database, the one that `DATABASE_URL` names."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from devtools.databases import ROOT, SECRET, fresh_url

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from concurrent.futures import ThreadPoolExecutor

import httpx
from sqlalchemy import func, select

from app.database import SessionLocal, engine
from app.main import app, create_app
from app.models import Author, Base, Book, User

Base.metadata.create_all(engine)
ALICE = {"username": "alice", "password": "correct horse battery"}


def client(application, **options):
    return httpx.Client(transport=httpx.WSGITransport(app=application), base_url="http://books.test", **options)


anyone = client(app)
anyone.post("/register", json=ALICE).raise_for_status()
token = anyone.post("/auth/login", json=ALICE).raise_for_status().json()["access_token"]
headers = {"Authorization": f"Bearer {token}"}
author = anyone.post("/authors", json={"name": "Jane Austen"}, headers=headers).raise_for_status().json()


def work(number):
    with client(app, headers=headers) as mine:
        body = {"title": f"Book {number}", "author_id": author["id"], "genres": ["Fiction", f"Genre {number % 3}"]}
        book = mine.post("/books", json=body).raise_for_status().json()
        mine.put(f"/books/{book['id']}", json={"published_year": number}).raise_for_status()
        return mine.get(f"/books/{book['id']}").raise_for_status().json()["id"]


with ThreadPoolExecutor(8) as threads:
    ids = set(threads.map(work, range(24)))

assert len(ids) == 24
with SessionLocal() as db:
    assert db.scalar(select(func.count()).select_from(Book)) == 24
    assert db.scalars(select(User.username)).all() == ["alice"]
    db.add(Author(name="Homer"))
    db.commit()
assert client(create_app()).get(f"/authors/{author['id'] + 1}").json()["name"] == "Homer"
assert anyone.get("/readyz").json() == {"status": "ok"}
engine.dispose()
print("all is well")
"""


class TestTogether:
    def test_on_sqlite_in_memory(self) -> None:
        run("sqlite:///:memory:")

    def test_on_postgresql(self, postgres_url: str, tmp_path: Path) -> None:
        with fresh_url("postgresql", postgres_url, tmp_path) as url:
            run(url)


def run(url: str) -> None:
    """Run the program in a process of its own: its modules read the environment as they are imported."""
    environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "BCRYPT_ROUNDS": "4", "LOG_LEVEL": "error"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", PROGRAM],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "all is well\n")


class TestImport:
    def test_of_every_module_reads_no_settings_and_writes_no_file(self, tmp_path: Path) -> None:
        modules = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "app").rglob("*.py")]
        names = [".".join(path.parts).removesuffix(".__init__") for path in modules]
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", f"import importlib\nfor name in {names}: importlib.import_module(name)"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "DATABASE_URL": "nonsense", "SECRET_KEY": "short", "WORKERS": "many"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert list(tmp_path.iterdir()) == []
