"""Imports over HTTP."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.factories import Factory, isbn13

if TYPE_CHECKING:
    from flask import Flask

    from tests.support.client import Client

EMMA = f"title,author,isbn,year\nEmma,Jane Austen,{isbn13(1)},1815\n"
MARCXML = (
    '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>'
    '<datafield tag="100" ind1="1" ind2=" "><subfield code="a">Austen, Jane.</subfield></datafield>'
    '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Emma /</subfield></datafield></record>'
)
NUMBERS = ("created", "filled", "updated", "unchanged", "conflicts", "failed", "passed_over")


def imported(client: Client, content: bytes | str, *, kind: str = "text/csv", **parameters: Any) -> dict[str, Any]:
    """The report of an import, whose numbers add up."""
    reply = client.post("/imports", content=content, headers={"Content-Type": kind}, params=parameters)
    assert reply.status_code == 200, reply.text
    report: dict[str, Any] = reply.json()
    assert sum(report[name] for name in NUMBERS) == report["total"]
    return report


def numbers(report: dict[str, Any]) -> dict[str, int]:
    """The numbers that are not 0."""
    return {name: report[name] for name in NUMBERS if report[name]}


class TestImport:
    def test_brings_books_in_and_can_be_undone(self, member: Client) -> None:
        report = imported(member, EMMA + f"Persuasion,Jane Austen,{isbn13(2)},MDCCCXVII\n,Jane Austen,,\n")
        assert numbers(report) == {"created": 2, "failed": 1}
        assert (report["format"], report["dry_run"], report["columns_not_read"]) == ("csv", False, [])
        assert report["columns"]["published_year"] == "year"
        [error] = report["errors"]
        assert (error["row"], error["field"], error["code"]) == (4, "title", "failed")
        [left_out] = report["notes"]
        assert (left_out["row"], left_out["field"], left_out["column"], left_out["value"]) == (
            *(3, "published_year", "year", "MDCCCXVII"),
        )
        assert {book["title"] for book in member.get("/books").json()} == {"Emma", "Persuasion"}
        [batch] = member.get("/batches").json()
        assert (batch["id"], batch["via"], batch["summary"]) == (report["batch_id"], "import", "import of CSV")
        assert member.post(f"/batches/{report['batch_id']}/undo").status_code == 200
        assert member.get("/books").json() == []

    def test_of_authors_can_be_undone(self, member: Client, make: Factory) -> None:
        make.author(member, name="Mark Twain")
        before = member.get("/authors").json()
        lines = '{"name": "Mark Twain", "aliases": ["Samuel Clemens"]}\n{"name": "Jane Austen", "birth_year": 1775}\n'
        report = imported(member, lines, kind="application/jsonl")
        assert numbers(report) == {"created": 1, "filled": 1}
        assert [author["name"] for author in member.get("/authors?q=clemens").json()] == ["Mark Twain"]
        assert member.post(f"/batches/{report['batch_id']}/undo").status_code == 200
        [author] = member.get("/authors").json()
        assert (author["id"], author["aliases"]) == (before[0]["id"], [])
        assert member.get("/authors?q=clemens").json() == []

    def test_again_changes_nothing_and_says_which_book_it_is(self, member: Client) -> None:
        imported(member, EMMA)
        report = imported(member, EMMA + EMMA.splitlines()[1])
        assert (numbers(report), report["batch_id"]) == ({"unchanged": 2}, None)
        [book] = member.get("/books").json()
        notes = [(one["row"], one["code"], one["detail"]) for one in report["notes"]]
        assert notes == [(row, "unchanged", f"is book {book['id']}") for row in (2, 3)]

    def test_names_the_records_of_files_that_have_no_lines(self, member: Client) -> None:
        report = imported(member, f"<collection>{MARCXML}{MARCXML}</collection>", kind="application/marcxml+xml")
        assert numbers(report) == {"created": 1, "unchanged": 1}
        assert [(note["row"], note["detail"]) for note in report["notes"]] == [(2, "is record 1")]

    def test_fills_and_updates(self, member: Client) -> None:
        imported(member, EMMA)
        more = EMMA.replace("year\n", "year,pages\n").replace("1815", "1816,512")
        report = imported(member, more)
        assert numbers(report) == {"filled": 1}
        [differs] = report["notes"]
        assert (differs["field"], differs["code"], differs["value"]) == ("published_year", "differs", "1816")
        assert numbers(imported(member, more, update=True)) == {"updated": 1}
        [book] = member.get("/books").json()
        assert (book["published_year"], book["pages"]) == (1816, 512)

    def test_dry_run_changes_nothing(self, member: Client) -> None:
        report = imported(member, EMMA, dry_run=True)
        assert (numbers(report), report["dry_run"], report["batch_id"]) == ({"created": 1}, True, None)
        assert member.get("/books").json() == []

    def test_one_isbn_with_two_titles_is_a_conflict(self, member: Client) -> None:
        imported(member, EMMA)
        report = imported(member, EMMA.replace("Emma", "Persuasion"))
        assert numbers(report) == {"conflicts": 1}
        [error] = report["errors"]
        assert (error["code"], error["field"], error["row"]) == ("conflict", "isbn", 2)


class TestFormats:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (EMMA, "csv"),
            (gzip.compress(EMMA.encode(), mtime=0), "csv"),
            ('{"title": "Emma", "contributors": [{"name": "Jane Austen"}]}\n', "jsonl"),
            ("@book{austen, title = {Emma}, author = {Austen, Jane}, year = 1815}\n", "bibtex"),
            ("TY  - BOOK\nTI  - Emma\nAU  - Austen, Jane\nER  - \n", "ris"),
            (
                '[{"id": "1", "type": "book", "title": "Emma", "author": [{"family": "Austen", "given": "Jane"}]}]',
                "csl-json",
            ),
            (
                MARCXML,
                "marcxml",
            ),
        ],
    )
    def test_is_what_the_file_looks_like(self, member: Client, content: bytes | str, expected: str) -> None:
        report = imported(member, content, kind="application/octet-stream")
        assert (report["format"], numbers(report)) == (expected, {"created": 1})
        [book] = member.get("/books").json()
        assert (book["title"], book["contributors"][0]["name"]) == ("Emma", "Jane Austen")

    def test_is_named(self, member: Client) -> None:
        reply = member.post("/imports?format=ris", content=EMMA)
        assert (reply.status_code, reply.json()["code"]) == (400, "unreadable_file")
        assert member.post("/imports?format=pdf", content=EMMA).status_code == 400

    @pytest.mark.parametrize("query", ["map=isbn", "encoding=hex", "encoding=a%00", "map==x", "dry_run=maybe"])
    def test_of_parameters_is_checked(self, member: Client, query: str) -> None:
        assert member.post(f"/imports?{query}", content=EMMA).status_code == 400

    def test_columns_are_named(self, member: Client) -> None:
        reply = member.post("/imports", content="Werk;EAN\nEmma;9780141439587\n")
        assert (reply.status_code, reply.json()["code"]) == (400, "unreadable_file")
        assert "the columns are: Werk, EAN" in reply.json()["detail"]
        report = imported(member, "Werk;EAN\nEmma;9780141439587\n", map=["title=Werk", "author="])
        assert numbers(report) == {"created": 1}
        assert report["remarks"] == ["1 row: has no author, and comes in under “Anonymous”"]

    def test_encoding_is_named(self, member: Client) -> None:
        content = "title,author\nEmma,Brontë\n".encode("cp1252")
        assert (
            member.post("/imports", content=content).json()["detail"].startswith("line 2: the byte 0xEB is not UTF-8")
        )
        assert numbers(imported(member, content, encoding="cp1252")) == {"created": 1}


class TestRefusals:
    @pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
    def test_of_a_form(self, member: Client, media_type: str) -> None:
        reply = member.post("/imports", content=EMMA, headers={"Content-Type": media_type})
        assert (reply.status_code, reply.json()["code"]) == (415, "unsupported_media_type")

    def test_of_nothing(self, member: Client) -> None:
        assert member.post("/imports", content=b"").json()["code"] == "unreadable_file"

    def test_of_a_damaged_archive(self, member: Client) -> None:
        reply = member.post("/imports", content=gzip.compress(EMMA.encode())[:-9])
        assert (reply.status_code, reply.json()["code"]) == (400, "unreadable_file")

    def test_of_what_is_wrong_loses_nothing(self, member: Client, make: Factory) -> None:
        book = make.book(member)
        for content in (b"\0\1\2", b"PK\3\4", b"%PDF", b"\x1f\x8b"):
            assert member.post("/imports", content=content).status_code == 400
        assert member.get(f"/books/{book['id']}").json() == member.get("/books").json()[0]


class TestRetries:
    def test_get_the_report_again(self, member: Client) -> None:
        headers = {"Idempotency-Key": "import-1"}
        first, again = (member.post("/imports", content=EMMA, headers=headers) for _ in range(2))
        assert first.json() == again.json()
        assert numbers(first.json()) == {"created": 1}
        assert again.headers["Idempotency-Replayed"] == "true"
        other = member.post("/imports", content=EMMA.replace("1815", "1816"), headers=headers)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")

    def test_get_the_report_of_a_dry_run_again(self, member: Client) -> None:
        headers = {"Idempotency-Key": "import-2"}
        first, again = (member.post("/imports?dry_run=true", content=EMMA, headers=headers) for _ in range(2))
        assert (first.status_code, first.json()) == (200, again.json())


class TestMembers:
    def test_fill_in_only_what_they_may_change(
        self, client: Client, make: Factory, application: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner, other = make.user(), make.user()
        imported(owner, EMMA)
        settings = application.extensions["books-api"].settings
        monkeypatch.setitem(vars(settings), "editing", "owner")
        report = imported(other, EMMA.replace("year\n", "pages\n").replace("1815", "512"), update=True)
        assert numbers(report) == {"unchanged": 1}
        [note, *_] = report["notes"]
        assert (note["field"], note["code"], note["value"]) == ("pages", "differs", "512")
        assert client.get("/books").json()[0]["pages"] is None

    def test_describe_only_authors_whom_they_may_change(
        self, make: Factory, application: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner, other = make.user(), make.user()
        make.author(owner, name="Mark Twain")
        settings = application.extensions["books-api"].settings
        monkeypatch.setitem(vars(settings), "editing", "owner")
        line = '{"name": "Mark Twain", "country": "United States"}'
        report = imported(other, line, kind="application/jsonl", update=True)
        assert numbers(report) == {"unchanged": 1}
        assert (report["notes"][0]["field"], report["notes"][0]["code"]) == ("country", "differs")
        assert numbers(imported(owner, line, kind="application/jsonl")) == {"filled": 1}
        monkeypatch.setitem(vars(settings), "quota_records", 1)
        assert numbers(imported(other, '{"name": "A"}\n{"name": "B"}', kind="application/jsonl")) == {
            "created": 1,
            "failed": 1,
        }

    def test_add_no_more_than_their_quota(
        self, member: Client, application: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = application.extensions["books-api"].settings
        monkeypatch.setitem(vars(settings), "quota_records", 4)
        lines = "".join(f"Book {number},Author {number},{isbn13(number)},\n" for number in range(1, 5))
        report = imported(member, f"title,author,isbn,year\n{lines}")
        assert numbers(report) == {"created": 2, "failed": 2}
        assert {error["detail"] for error in report["errors"]} == {
            "is not added, since your account may have no more records"
        }
        again = imported(member, f"title,author,translator,isbn\nBook 1,Author 1,New Person,{isbn13(1)}\n")
        assert numbers(again) == {"unchanged": 1}
        assert len(member.get("/authors").json()) == 2
