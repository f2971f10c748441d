"""Every operation and every command that writes leaves one change for each record that changed, and no other."""

from __future__ import annotations

from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from app.database import Database
from devtools.change_log import faults_of_log
from devtools.databases import migrate, settings_for
from tests.contract.access import ACCESS, rows
from tests.contract.smallest_forms import SCRIPTS
from tests.support.change_log import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.settings import Settings
    from tests.contract.access_harness import AccessHarness

WRITES = [operation for operation in rows(ACCESS) if not operation.startswith("GET ")]
PRINCIPALS = ["anon", "member", "owner", "admin", "write"]
CHANGED = {
    "POST /books": 1,
    "POST /books/batch": 1,
    "POST /imports": 1,
    "PUT /books/{book_id}": 1,
    "PATCH /books/{book_id}": 1,
    "DELETE /books/{book_id}": 1,
    "POST /authors": 1,
    "PUT /authors/{author_id}": 1,
    "PATCH /authors/{author_id}": 1,
    "DELETE /authors/{author_id}": 1,
    "POST /genres/rename": 1,
    "POST /changes/{change_id}/undo": 1,
    "POST /batches/{batch_id}/undo": 1,
}
"""How many records an operation changes for who may do so. The author has no books."""
OF_FILES = {"scripts.backup", "scripts.restore", "scripts.embedded"}
"""Commands that are no writes: they copy the database, replace it as a whole with its log, or run other commands."""

UNDO = ("scripts.import_books", ["--undo", "2"])
"""After the demo catalogue, the import of a file is the second batch."""


class TestOperations:
    @pytest.mark.parametrize("operation", WRITES)
    def test_leaves_what_it_changed(self, harness: AccessHarness, operation: str) -> None:
        """The first request and the same again, which mostly changes nothing."""
        clients, most = harness.clients(), 0
        for principal in PRINCIPALS:
            with harness.rolled_back() as connection:
                for _ in range(2):
                    before = Catalogue.of(connection)
                    harness.request(clients[principal], operation)
                    most = max(most, len(before.require_logged(connection)))
        assert most == CHANGED.get(operation, 0)


@pytest.fixture
def closed_at_the_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the databases that commands open: they leave that to the end of their process."""
    opened, of = [], Database.of

    def noted(settings: Settings) -> Database:
        opened.append(of(settings))
        return opened[-1]

    monkeypatch.setattr(Database, "of", noted)
    yield
    for database in opened:
        database.engine.dispose()


class TestCommands:
    @pytest.mark.usefixtures("closed_at_the_end")
    def test_leave_what_they_changed(self, own_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", own_url)
        monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
        database = Database.of(settings_for(own_url))
        migrate(database.engine)
        (tmp_path / "books.csv").write_text("title,author,genres\nThe Last Man in Bath,Ann Other,Novel\n")
        monkeypatch.setattr("sys.stdin", StringIO("correct horse battery\n"))
        changed = {}
        for script, arguments in [*SCRIPTS.items(), UNDO]:
            if script in OF_FILES:
                continue
            with database.reading() as connection:
                before = Catalogue.of(connection)
            import_module(script).main([argument.format(folder=tmp_path) for argument in arguments])
            with database.reading() as connection:
                changed[script, arguments[0] if arguments else ""] = len(before.require_logged(connection))
        with database.reading() as connection:
            assert faults_of_log(connection, complete=True) == {}
        assert changed["scripts.load_demo", ""] > 400
        assert (changed["scripts.import_books", "{folder}/books.csv"], changed["scripts.import_books", "--undo"]) == (
            2,
            2,
        )
