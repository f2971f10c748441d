"""The command that brings books in."""

from __future__ import annotations

import csv
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
from app.transfer.tables.table import Table
from devtools.databases import ROOT
from scripts.import_books import import_file, main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.database import Database
    from app.transfer.rows import Row
    from devtools.databases import DatabaseInside

GOODBOOKS = ROOT.parent / "shared" / "data" / "goodbooks" / "books.csv"
TABLE = (
    "title,author,isbn,year,rating\n"
    "Emma,Jane Austen,141439580,1815\n"
    "Persuasion,Jane Austen,,MDCCCXVII\n"
    ",Jane Austen,,\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A file with two books, and a row that is wrong."""
    file = tmp_path / "books.csv"
    file.write_text(TABLE, encoding="utf-8-sig")
    return file


def ran(file: Path | str, *options: str) -> int:
    """Run the command. Returns: its exit code."""
    try:
        main([str(file), *options])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


class TestCommand:
    def test_says_what_came_in_and_what_did_not(
        self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert ran(table) == 1
        said = capsys.readouterr().out
        assert said.startswith(
            "Columns: title ← title, author ← author, isbn ← isbn, published_year ← year\nNot read: rating\n"
            "books.csv: 3 rows: 2 books imported, 0 already in the catalogue, 1 refused, 0 not about books.\n"
        )
        assert "Refused rows: title 1\n  line 4: title: must not be empty\n" in said
        left_out = "published_year (column year): “MDCCCXVII” is not a year"
        assert f"Values left out of imported books: published_year 1\n  line 3: {left_out}\n" in said
        with at_home.reading() as connection:
            assert set(connection.scalars(select(Book.title))) == {"Emma", "Persuasion"}

    def test_undoes_an_import(self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
        ran(table)
        [said] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("To undo this import: ")]
        number = said.rpartition(" ")[2]
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
        said = capsys.readouterr().out
        assert "0 books imported, 2 already in the catalogue, 1 refused" in said
        assert "  line 2: “Emma” is book 1\n  line 3: “Persuasion” is book 2\n" in said

    def test_gives_them_to_an_owner(self, at_home: Database, table: Path) -> None:
        with at_home.transaction() as db:
            db.add(owner := User(username="Alice", password_hash="-"))  # noqa: S106
        ran(table, "--owner", "ALICE")
        with at_home.reading() as connection:
            assert set(connection.scalars(select(Book.created_by))) == {owner.id}

    @pytest.mark.usefixtures("at_home")
    def test_ends_in_one_line_where_something_is_missing(self, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match=r"^import_books: the user given by --owner does not exist$"):
            main([str(table), "--owner", "nobody"])
        assert ran(table.with_name("missing.csv")) == 2
        assert re.fullmatch(r"import_books: .*No such file or directory.*missing.csv'\n", capsys.readouterr().err)

    @pytest.mark.usefixtures("at_home")
    def test_lists_no_more_than_a_thousand(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "wrong.csv"
        file.write_text("title,author\n" + ",[red]\n" * 1100)
        ran(file)
        said = capsys.readouterr().out
        assert said.count("  line ") == 1000
        assert "  and 100 more" in said


class TestOptions:
    @pytest.mark.usefixtures("at_home")
    def test_map_names_columns(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "books.csv"
        file.write_text("Werk,EAN\nEmma,9780141439587\n")
        assert ran(file) == 2
        assert "import_books: line 1: no column for the title; the columns are: Werk, EAN;" in capsys.readouterr().err
        assert ran(file, "--map", "title=Werk", "--map", "author=") == 0
        said = capsys.readouterr().out
        assert said.startswith("Columns: title ← Werk, isbn ← EAN\nbooks.csv: 1 row: 1 book imported")
        assert "1 row: has no author, and comes in under “Anonymous”" in said
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


class TestFiles:
    @pytest.mark.usefixtures("at_home")
    def test_a_report_has_every_row(self, table: Path) -> None:
        report = table.with_name("report.csv")
        assert ran(table, "--report", str(report)) == 1
        header, *lines = csv.reader(report.read_text("utf-8-sig").splitlines())
        assert header == ["row", "outcome", "title", "equals", "about", "field", "column", "value", "detail"]
        assert lines == [
            ["2", "created", "Emma", "book 1", "", "", "", "", ""],
            [
                "3",
                "created",
                "Persuasion",
                "book 2",
                "left out",
                "published_year",
                "year",
                "MDCCCXVII",
                "is not a year",
            ],
            ["4", "failed", "", "", "refused", "title", "", "", "must not be empty"],
        ]

    def test_refused_rows_can_be_mended_and_imported(self, at_home: Database, table: Path) -> None:
        table.write_text(f"{TABLE}Sanditon,Jane Austen,,1817,5,surplus\n")
        rejected = table.with_name("rejected.csv")
        assert ran(table, "--rejected", str(rejected)) == 1
        header, untitled, ragged = csv.reader(rejected.read_text().splitlines())
        assert header == ["title", "author", "isbn", "year", "rating", "Why it was refused"]
        assert untitled == ["", "Jane Austen", "", "", "", "title: must not be empty"]
        assert ragged[:5] == ["Sanditon", "Jane Austen", "", "1817", "5"]
        assert ragged[5].endswith("(surplus)")
        rejected.write_text(rejected.read_text().replace("\n,Jane", "\nLady Susan,Jane"))
        assert ran(rejected) == 0
        with at_home.reading() as connection:
            titles = set(connection.scalars(select(Book.title)))
        assert titles == {"Emma", "Persuasion", "Lady Susan", "Sanditon"}

    def test_refused_lines_and_records_are_as_they_were(self, at_home: Database, tmp_path: Path) -> None:
        lines = ['{"title": "Emma", "author": "Jane Austen"}\n', '{"author": "Jane Austen"}\n', "[]\n"]
        (file := tmp_path / "books.jsonl").write_text("".join(lines))
        rejected = tmp_path / "rejected"
        assert ran(file, "--rejected", str(rejected)) == 1
        assert rejected.read_text() == "".join(lines[1:])
        (file := tmp_path / "books.mrc").write_bytes(record := b"00026nam a2200025 a 4500\x1e\x1d")
        assert ran(file, "--rejected", str(rejected)) == 1
        assert rejected.read_bytes() == record
        with at_home.reading() as connection:
            assert list(connection.scalars(select(Book.title))) == ["Emma"]

    @pytest.mark.usefixtures("at_home")
    def test_refused_references_are_only_named(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (file := tmp_path / "books.ris").write_text("TY  - BOOK\nER  - \n")
        assert ran(file, "--rejected", str(tmp_path / "rejected")) == 2
        assert "--rejected is not possible for RIS; --report names the rows" in capsys.readouterr().err

    def test_a_dry_run_changes_nothing(
        self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert ran(table, "--dry-run") == 1
        said = capsys.readouterr().out
        assert "2 books imported" in said
        assert "This was a dry run: nothing was changed.\n" in said
        assert "--undo" not in said
        with at_home.reading() as connection:
            assert list(connection.scalars(select(Book.title))) == []

    def test_an_update_takes_what_differs(
        self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        ran(table)
        table.write_text(TABLE.replace("1815", "1816"))
        ran(table)
        assert "published_year: “1816” is “1815” in book 1, and stays" in capsys.readouterr().out
        ran(table, "--update")
        assert "0 books imported, 1 updated, 1 already in the catalogue" in capsys.readouterr().out
        with at_home.reading() as connection:
            assert connection.scalar(select(Book.published_year).where(Book.title == "Emma")) == 1816

    @pytest.mark.usefixtures("at_home")
    def test_an_interruption_says_how_far_it_came(
        self, table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("app.services.imports.importer.CHUNK", 1)
        rows = Table.__iter__

        def interrupted(table: Table) -> Iterator[Row]:
            yield next(rows(table))
            raise KeyboardInterrupt

        monkeypatch.setattr(Table, "__iter__", interrupted)
        assert ran(table) == 1
        said = capsys.readouterr().out
        assert "Interrupted. books.csv so far: 1 row: 1 book imported" in said
        assert "To undo it: python -m scripts.import_books --undo 1\n" in said
