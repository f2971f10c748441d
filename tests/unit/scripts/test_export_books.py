"""The command that exports books."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.errors import DatabaseUnavailable
from app.queries.books import BookReader
from app.services.imports.importer import import_books
from app.transfer.tables.table import Table
from scripts import export_books

if TYPE_CHECKING:
    from app.database import Database

ROWS = (
    b"title,author,year,language\nEmma,Jane Austen,1815,en\nNana,Emile Zola,1880,fr\nPersuasion,Jane Austen,1817,en\n"
)


@pytest.fixture
def catalogue(at_home: Database) -> Database:
    """Three books, in a folder of their own."""
    import_books(at_home, Table(BytesIO(ROWS)))
    return at_home


def titles(text: bytes) -> list[str]:
    return [json.loads(line)["title"] for line in text.splitlines()]


def exit_code(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as exited:
        export_books.main([*arguments])
    return exited.value.code


@pytest.mark.usefixtures("catalogue")
class TestAuthors:
    def test_come_first(self, capsys: pytest.CaptureFixture[str]) -> None:
        export_books.main(["--authors", "-o", "catalogue.jsonl.gz"])
        assert capsys.readouterr().err == "3 books and 2 authors exported to catalogue.jsonl.gz\n"
        lines = [json.loads(line) for line in gzip.decompress(Path("catalogue.jsonl.gz").read_bytes()).splitlines()]
        assert [line.get("name") or line["title"] for line in lines] == [
            *("Jane Austen", "Emile Zola"),
            *("Emma", "Nana", "Persuasion"),
        ]

    @pytest.mark.parametrize("others", [["--q", "emma"], ["--format", "csv"], ["-o", "books.csv"]])
    def test_are_of_the_whole_catalogue(self, others: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("--authors", *others) == 2
        assert "--authors exports the whole catalogue as jsonl" in capsys.readouterr().err


@pytest.mark.usefixtures("catalogue")
class TestFile:
    def test_is_complete_and_counted(self, capsys: pytest.CaptureFixture[str]) -> None:
        export_books.main(["-o", "books.jsonl"])
        assert titles(Path("books.jsonl").read_bytes()) == ["Emma", "Nana", "Persuasion"]
        assert capsys.readouterr() == ("", "3 books exported to books.jsonl\n")
        assert Path("books.jsonl").stat().st_mode & 0o044  # as others are that are written here

    def test_has_the_format_of_its_name_or_the_one_that_is_named(self) -> None:
        for name, more in (("books.csv", []), ("books.csv.gz", []), ("other.jsonl", ["--format", "csv"])):
            export_books.main(["-o", name, *more])
            content = Path(name).read_bytes()
            content = gzip.decompress(content) if name.endswith(".gz") else content
            assert content.startswith(b"id,title,subtitle,author,")
            assert content.count(b"\r\n") == 4

    def test_replaces_another_only_when_it_is_complete(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("books.jsonl").write_text("before")

        def fail(*_arguments: object) -> None:
            raise DatabaseUnavailable

        for error in (fail, lambda *_arguments: (_ for _ in ()).throw(KeyboardInterrupt)):
            monkeypatch.setattr(BookReader, "page", error)
            assert str(exit_code("-o", "books.jsonl")).startswith("export_books: ")
            assert not any(path.name.endswith(".part") for path in Path().iterdir())
            assert Path("books.jsonl").read_text() == "before"

    def test_that_cannot_be_written_is_said_in_one_line(self) -> None:
        assert "No such file or directory" in str(exit_code("-o", "nowhere/books.csv"))

    def test_may_be_a_device(self) -> None:
        export_books.main(["-o", "/dev/null", "--format", "csv"])
        assert Path("/dev/null").is_char_device()


@pytest.mark.usefixtures("catalogue")
class TestStandardOutput:
    def test_gets_json_lines_and_nothing_else(self, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        export_books.main([])
        written, errors = capfdbinary.readouterr()
        assert titles(written) == ["Emma", "Nana", "Persuasion"]
        assert errors == b""

    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            (["--q", "austen"], ["Emma", "Persuasion"]),
            (["--language", "en", "--published-from", "1816"], ["Persuasion"]),
            (["--missing", "isbn", "--missing", "pages", "--language", "fr"], ["Nana"]),
            (["--id", "1", "--id", "3"], ["Emma", "Persuasion"]),
            (["--genre", "None"], []),
        ],
    )
    def test_gets_what_the_filters_match(
        self, capfdbinary: pytest.CaptureFixture[bytes], arguments: list[str], found: list[str]
    ) -> None:
        export_books.main(arguments)
        assert titles(capfdbinary.readouterr().out) == found

    def test_may_be_closed_early(self) -> None:
        command = [sys.executable, "-c", "from scripts.export_books import main; main([])"]
        root = Path(export_books.__file__).parents[1]
        environ = os.environ | {"PYTHONPATH": str(root)}
        with subprocess.Popen(  # noqa: S603  (the interpreter of the tests)
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.stderr.read().replace(b"\r", b"").decode() == ""
            assert process.wait() in {0, 1}


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (["--published-from", "soon"], "--published-from must be an integer"),
            (["--isbn", "123"], "--isbn is not an ISBN of 10 or 13 digits"),
            (["--q", "a", "--q", "b"], "--q may be given once"),
            (["-o", "books.pdf"], "no format goes by that name"),
            (["-o", "books.xlsx"], "no format goes by that name"),
            (["--format", "xlsx"], "invalid choice: 'xlsx'"),
        ],
    )
    def test_that_are_wrong_are_explained(
        self, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
    ) -> None:
        assert exit_code(*arguments) == 2
        assert why in capsys.readouterr().err

    def test_are_explained_with_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert exit_code("--help") == 0
        output = capsys.readouterr().out
        assert all(f"--{name}" in output for name in ("q", "published-from", "missing", "format", "output"))
        assert "Exit codes: 0 if all books are in the file" in output
