"""The files that `import_books` writes about rows, and what it does without writing or when it is interrupted."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.models import Book
from app.transfer.tables.table import Table
from tests.support.import_command import TABLE, ran

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.database import Database
    from app.transfer.rows import Row

MARCXML = (
    "<record><leader>00000nam a2200000 a 4500</leader>"
    '<datafield ind1=" " ind2=" " tag="{}"><subfield code="a">{}</subfield></datafield></record>'
)


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

    @pytest.mark.parametrize(
        ("name", "text", "refused", "remedy"),
        [
            (
                "books.ris",
                "TY  - BOOK\r\nTI  - Emma\r\nER  - \r\n\r\nTY  - BOOK\r\nAU  - Austen, Jane\r\nER  - \r\n",
                "TY  - BOOK\r\nAU  - Austen, Jane\r\nER  - \r\n",
                ("AU  -", "TI  - Sanditon\r\nAU  -"),
            ),
            (
                "books.bib",
                (
                    "@string{jane = {Austen, Jane}}\n@book{a, title = {Emma}, author = jane}\n"
                    "@book{b,\n  author = jane\n}\n"
                ),
                "@string{jane = {Austen, Jane}}\n@book{b,\n  author = jane\n}\n",
                ("  author", "  title = {Sanditon},\n  author"),
            ),
            (
                "books.csljson",
                '[{"type": "book", "title": "Emma"},\n{"type": "book", "author": [{"literal": "Jane \\ud800"}]}]',
                '[{"type": "book", "author": [{"literal": "Jane \\ud800"}]}]\n',
                ('"author": [{"literal": "Jane \\ud800"}]', '"title": "Sanditon"'),
            ),
            (
                "books.marcxml",
                f"<collection>{MARCXML.format('245', 'Emma')}{MARCXML.format('500', 'A note')}</collection>",
                (
                    '<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
                    f"{MARCXML.format('500', 'A note')}\n</collection>\n"
                ),
                ('tag="500"', 'tag="245"'),
            ),
        ],
        ids=["ris", "bibtex", "csl-json", "marcxml"],
    )
    def test_refused_records_can_be_mended_and_imported(  # noqa: PLR0917  (a case)
        self, at_home: Database, tmp_path: Path, name: str, text: str, refused: str, remedy: tuple[str, str]
    ) -> None:
        (file := tmp_path / name).write_bytes(text.encode())
        rejected = tmp_path / f"rejected-{name}"
        assert ran(file, "--rejected", str(rejected)) == 1
        assert rejected.read_bytes().decode() == refused
        rejected.write_bytes(refused.replace(*remedy).encode())
        assert ran(rejected) == 0
        with at_home.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(Book)) == 2

    @pytest.mark.usefixtures("at_home")
    def test_what_cannot_be_written_again_is_counted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (file := tmp_path / "books.csljson").write_text('[{"type": "book", "title": }]')
        rejected = tmp_path / "rejected"
        assert ran(file, "--rejected", str(rejected)) == 1
        assert rejected.read_bytes() == b""
        assert "1 refused row could not be written to the file" in capsys.readouterr().out

    def test_a_dry_run_changes_nothing(
        self, at_home: Database, table: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert ran(table, "--dry-run") == 1
        output = capsys.readouterr().out
        assert "2 books imported" in output
        assert "This was a dry run: nothing was changed.\n" in output
        assert "--undo" not in output
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
        output = capsys.readouterr().out
        assert "Interrupted. books.csv so far: 1 row: 1 book imported" in output
        assert "To undo it: python -m scripts.import_books --undo 1\n" in output
