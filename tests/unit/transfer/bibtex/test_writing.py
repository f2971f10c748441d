"""BibTeX: entries of our own."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from bibtexparser.entrypoint import parse_string

from tests.unit.transfer.books import book_with, written


class TestWriting:
    def test_gives_an_entry(self) -> None:
        assert written("bibtex", book_with(subtitle="A & B", genres=["a, b", "c"])).decode() == (
            "@book{austen1815-1,\n  author = {Austen, Jane},\n  title = {{Emma}},\n  subtitle = {A \\& B},\n"
            "  year = {1815},\n  date = {1815-12},\n  publisher = {{Penguin}},\n  isbn = {9780141439587},\n"
            "  language = {en},\n  langid = {english},\n  pagetotal = {512},\n  keywords = {{a, b}, c},\n"
            "  identifiers = {oclc:297},\n  callnumber = {823.7 AUS},\n}\n"
        )

    def test_gives_what_bibtexparser_reads(self) -> None:
        library = parse_string(written("bibtex", book_with(), book_with(id=2, title="50% {of} it")).decode())
        assert library.failed_blocks == []
        assert [one.key for one in library.entries] == ["austen1815-1", "austen1815-2"]

    @pytest.mark.skipif(shutil.which("bib2xml") is None, reason="bibutils is not installed")
    def test_gives_what_bibutils_reads(self) -> None:
        file = written("bibtex", book_with(), book_with(id=2, description="a {b\n@book{c,\nd"))
        done = subprocess.run(["bib2xml"], input=file, capture_output=True, check=True)  # noqa: S607
        assert done.stderr.decode().strip() == "bib2xml: Processed 2 references."
        assert b"<abstract>a {b @book{c, d</abstract>" in done.stdout

    def test_has_a_key_of_ascii(self) -> None:
        people = [{"author_id": 1, "name": "Émile Škvorecký", "role": "aut"}]
        assert written("bibtex", book_with(contributors=people)).startswith(b"@book{skvorecky1815-1,")
        people[0]["name"] = "村上春樹"
        assert written("bibtex", book_with(contributors=people)).startswith(b"@book{book1815-1,")
