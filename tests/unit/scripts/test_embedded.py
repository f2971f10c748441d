"""The command that runs another on the database of `make run`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from scripts import embedded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The commands that were run in its place, in a folder without `.env`."""
    commands: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(os, "execv", lambda _program, arguments: commands.append(arguments))
    monkeypatch.setattr(sys, "argv", ["embedded", "scripts.import_books", "--owner", "alice", "books.csv"])
    return commands


class TestEmbedded:
    def test_runs_the_command_with_its_arguments(self, ran: list[list[str]]) -> None:
        embedded.main()
        assert ran == [[sys.executable, "-m", "scripts.import_books", "--owner", "alice", "books.csv"]]

    @pytest.mark.usefixtures("ran")
    def test_on_a_file_of_sqlite_where_nothing_is_said(self) -> None:
        embedded.main()
        assert os.environ["DATABASE_URL"] == f"sqlite:///{embedded.EMBEDDED}"
        assert embedded.EMBEDDED.parts[-2:] == ("instance", "books.db")

    @pytest.mark.usefixtures("ran")
    def test_on_the_database_that_the_environment_names(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/books")
        embedded.main()
        assert os.environ["DATABASE_URL"] == "postgresql://elsewhere/books"

    @pytest.mark.usefixtures("ran")
    def test_on_the_database_that_the_file_names(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("DATABASE_URL=sqlite:///mine.db\n")
        embedded.main()
        assert os.environ["DATABASE_URL"] == ""

    def test_ends_in_one_line_where_the_settings_cannot_be(
        self, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PORT", "http")
        with pytest.raises(SystemExit, match=r"^settings: PORT: "):
            embedded.main()
        assert ran == []
