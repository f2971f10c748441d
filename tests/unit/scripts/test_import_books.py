"""The command that imports books."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.errors import UnreadableFile
from app.models import Book, Contributor, User
from devtools.databases import ROOT
from scripts.import_books import import_file, main
from tests.support.import_command import ran

if TYPE_CHECKING:
    from pathlib import Path

    from app.database import Database
    from devtools.databases import DatabaseInside

GOODBOOKS = ROOT.parent / "shared" / "data" / "goodbooks" / "books.csv"


class TestCommand:
    def test_says_what_came_in_and_what_did_not(
        self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert ran(table) == 1
        output = capsys.readouterr().out
        assert output.startswith(
            "Columns: title ← title, author ← author, isbn ← isbn, published_year ← year\nNot read: rating\n"
            "books.csv: 3 rows: 2 books imported, 0 already in the catalogue, 1 refused, 0 not about books.\n"
        )
        assert "Refused rows: title 1\n  line 4: title: must not be empty\n" in output
        left_out = "published_year (column year): “MDCCCXVII” is not a year"
        assert f"Values left out of imported books: published_year 1\n  line 3: {left_out}\n" in output
        with at_home.reading() as connection:
            assert set(connection.scalars(select(Book.title))) == {"Emma", "Persuasion"}

    def test_undoes_an_import(self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
        ran(table)
        [output] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("To undo this import: ")]
        number = output.rpartition(" ")[2]
        main(["--undo", number])
        assert "import of books.csv: 3 records changed back." in capsys.readouterr().out
        with at_home.reading() as connection:
            assert list(connection.scalars(select(Book.title))) == []
        main(["--undo", number])
        assert "Nothing to undo." in capsys.readouterr().out

    def test_undoes_nothing_if_a_book_was_changed_since(
        self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ran(table)
        with at_home.transaction() as db:
            [emma] = db.scalars(select(Book).where(Book.title == "Emma"))
            emma.pages = 500
            book_id = emma.id
        with pytest.raises(SystemExit, match="nothing was undone"):
            main(["--undo", "1"])
        assert f"/books/{book_id}/pages: has been changed since" in capsys.readouterr().out
        with at_home.reading() as connection:
            assert set(connection.scalars(select(Book.title))) == {"Emma", "Persuasion"}

    @pytest.mark.usefixtures("at_home")
    def test_creates_nothing_the_second_time(self, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
        ran(table)
        assert ran(table) == 1
        output = capsys.readouterr().out
        assert "0 books imported, 2 already in the catalogue, 1 refused" in output
        assert "  line 2: “Emma” is book 1\n  line 3: “Persuasion” is book 2\n" in output

    def test_gives_them_to_an_owner(self, at_home: Database, table: Path) -> None:
        with at_home.transaction() as db:
            db.add(owner := User(username="Alice", password_hash="-"))  # noqa: S106
        ran(table, "--owner", "ALICE")
        with at_home.reading() as connection:
            assert set(connection.scalars(select(Book.created_by))) == {owner.id}

    @pytest.mark.usefixtures("at_home")
    def test_ends_in_one_line_where_something_is_missing(self, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match=r"^import_books: the user given by --owner does not exist$"):
            main([str(table), "--owner", "unregistered"])
        assert ran(table.with_name("missing.csv")) == 2
        assert re.fullmatch(r"import_books: .*No such file or directory.*missing.csv'\n", capsys.readouterr().err)

    @pytest.mark.usefixtures("at_home")
    def test_lists_no_more_than_a_thousand(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "wrong.csv"
        file.write_text("title,author\n" + ",[red]\n" * 1100)
        ran(file)
        output = capsys.readouterr().out
        assert output.count("  line ") == 1000
        assert "  and 100 more" in output


class TestOptions:
    @pytest.mark.usefixtures("at_home")
    def test_map_names_columns(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "books.csv"
        file.write_text("Werk,EAN\nEmma,9780141439587\n")
        assert ran(file) == 2
        assert "import_books: line 1: no column for the title; the columns are: Werk, EAN;" in capsys.readouterr().err
        assert ran(file, "--map", "title=Werk", "--map", "author=") == 0
        output = capsys.readouterr().out
        assert output.startswith("Columns: title ← Werk, isbn ← EAN\nbooks.csv: 1 row: 1 book imported")
        assert "1 row: has no author, and comes in under “Anonymous”" in output
        assert ran(file, "--map", "title") == 2

    @pytest.mark.usefixtures("at_home")
    def test_encoding_is_that_of_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "books.csv"
        file.write_bytes(b"title,author\nEmma,Bront\xeb\n")
        assert ran(file) == 2
        assert ran(file, "--encoding", "cp1252") == 0

    def test_a_dash_is_standard_input(self, at_home: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(gzip.compress(b"title,author\nEmma,Jane Austen\n"))))
        assert ran("-") == 0
        with at_home.reading() as connection:
            assert list(connection.scalars(select(Book.title))) == ["Emma"]


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "line"),
        [
            (b"title,author\nEmma,Bront\xeb\n", "line 2: the byte 0xEB is not UTF-8"),
            (b"a,b\n1,2\n", "line 1: no column for the title"),
            (b"", "the file is empty"),
        ],
    )
    def test_is_said_with_its_line(self, database: DatabaseInside, tmp_path: Path, content: bytes, line: str) -> None:
        file = tmp_path / "books.csv"
        file.write_bytes(content)
        with pytest.raises(UnreadableFile, match=line):
            import_file(database, file)


@pytest.mark.slow
class TestGoodbooks:
    """In processes of their own, as a person would run it: nothing measures them, so that they run at full speed."""

    @pytest.mark.skipif(not GOODBOOKS.exists(), reason=f"{GOODBOOKS} is not here")
    def test_ten_thousand_come_in_and_none_the_second_time(self, own_database: Database, own_url: str) -> None:
        first, second = run(own_url), run(own_url)
        assert first.startswith("10,000 rows: 10,000 books imported, 0 already in the catalogue, 0 refused")
        assert second.startswith("10,000 rows: 0 books imported, 10,000 already in the catalogue, 0 refused")
        with own_database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(Book)) == 10_000
            first_of_three = select(Book.series, Book.series_position).where(Book.isbn == "9780439023481")
            assert connection.execute(first_of_three).one() == ("The Hunger Games", 1)
            by_several = select(Contributor.book_id).group_by(Contributor.book_id).having(func.count() > 1)
            assert connection.scalar(select(func.count()).select_from(by_several.subquery())) == 2_077
            assert connection.scalar(select(func.min(Book.published_year))) == -1750


def run(url: str) -> str:
    """What the command says of the file on this database."""
    command = [sys.executable, "-m", "scripts.import_books", str(GOODBOOKS)]
    done = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.partition("books.csv: ")[2]
