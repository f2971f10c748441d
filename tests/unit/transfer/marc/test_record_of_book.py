"""The MARC records that are written of books."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO

import pytest
from pymarc import MARCReader, Record

from app.domain.relator_codes import RELATORS
from app.transfer.formats import FORMATS
from app.transfer.marc import iso2709
from app.transfer.marc.relator_terms import TERM_OF, relator_code
from tests.unit.transfer.marc.books import carried, document, read_of, rows_of

LONG = {
    "contributors": [{"author_id": place, "name": f"{place}{'界' * 250}", "role": "aut"} for place in range(1, 201)]
}


def written(**changes: object) -> Record:
    """The record of a book, as pymarc reads it."""
    return read(iso2709.write(document(**changes)))


def read(content: bytes) -> Record:
    """The one record, as pymarc reads it."""
    (record,) = MARCReader(content)
    assert isinstance(record, Record)
    return record


def fields_of(record: Record, *tags: str) -> list[str]:
    """Fields as text, with a backslash for each blank."""
    return [str(field) for field in record.get_fields(*tags)]


def test_emma() -> None:
    record = written()
    assert re.fullmatch(r"\d{5}nam a22\d{5} a 4500", str(record.leader))
    assert [str(field) for field in record.fields] == [
        "=001  1",
        "=005  20261122100000.0",
        "=008  261122e181512\\\\xx\\|||||||||||||||||eng\\d",
        "=020  \\\\$a9780141439587",
        "=035  \\\\$a(OCoLC)297",
        "=100  1\\$aAusten, Jane,$eauthor.$4aut",
        "=245  10$aEmma /$cJane Austen.",
        "=264  \\1$bPenguin,$c1815",
        "=300  \\\\$a512 p.",
        "=655  \\7$aFiction$2local",
        "=655  \\7$aClassics$2local",
        "=852  8\\$h823.7 AUS",
    ]
    assert len(record["008"].data or "") == 40


def test_a_title_with_an_article() -> None:
    record = written(title="The Great Gatsby", subtitle="a novel", language="en")
    assert fields_of(record, "245") == ["=245  14$aThe Great Gatsby :$ba novel /$cJane Austen."]
    assert fields_of(written(title="L'étranger", language="fr"), "245") == ["=245  12$aL'étranger /$cJane Austen."]
    assert fields_of(written(title="Emma", sort_title="Highbury"), "245") == ["=245  10$aEmma /$cJane Austen."]


def test_people() -> None:
    people = [("Martin Luther King Jr.", "aut"), ("Homer", "trl"), ("Ann de Doe", "edt"), ("X, Y", "ill")]
    contributors = [{"author_id": place, "name": name, "role": role} for place, (name, role) in enumerate(people, 1)]
    record = written(contributors=contributors)
    assert fields_of(record, "100", "700") == [
        "=100  1\\$aKing, Martin Luther,$cJr.,$eauthor.$4aut",
        "=700  0\\$aHomer,$etranslator.$4trl",
        "=700  1\\$aDoe, Ann de,$eeditor.$4edt",
        "=700  0\\$aX, Y,$eillustrator.$4ill",
    ]
    assert fields_of(record, "245") == ["=245  10$aEmma /$cMartin Luther King Jr., Homer, Ann de Doe ... [et al.]."]


def test_a_book_without_an_author_is_filed_under_its_title() -> None:
    record = written(contributors=[{"author_id": 1, "name": "Ann Doe", "role": "edt"}])
    assert fields_of(record, "100", "700", "245") == [
        "=245  00$aEmma /$cAnn Doe.",
        "=700  1\\$aDoe, Ann,$eeditor.$4edt",
    ]


@pytest.mark.parametrize(
    ("language", "code", "tags"),
    [
        ("de", "ger", []),
        ("zh-Hant", "chi", ["=041  \\7$azh-Hant$2rfc5646"]),
        ("grc", "grc", []),
        (None, "und", []),
    ],
)
def test_languages(language: str | None, code: str, tags: list[str]) -> None:
    record = written(language=language, sort_title="Emma")
    assert (record["008"].data or "")[35:38] == code
    assert fields_of(record, "041") == tags


@pytest.mark.parametrize(
    ("year", "dates", "imprint"),
    [(1999, "s1999    ", "1999"), (-44, "b        ", "44 B.C."), (99, "s0099    ", "0099"), (None, "nuuuuuuuu", None)],
)
def test_years(year: int | None, dates: str, imprint: str | None) -> None:
    record = written(published_year=year, published=None, publisher=None)
    assert (record["008"].data or "")[6:15] == dates
    assert [field.get("c") for field in record.get_fields("264")] == ([imprint] if imprint else [])


def test_series_and_links() -> None:
    links: list[dict[str, str | None]] = [
        {"rel": "read", "href": "https://example.org/a", "type": "text/html", "title": "Text"}
    ]
    links += [{"rel": "buy", "href": "https://example.org/b", "type": None, "title": None}]
    record = written(
        series="Novels", series_position=1.5, links=links, cover_url="https://example.org/c", location="Shelf 3"
    )
    assert fields_of(record, "490", "830", "852", "856") == [
        "=490  1\\$aNovels ;$v1.5",
        "=830  \\0$aNovels ;$v1.5",
        "=852  8\\$cShelf 3,$h823.7 AUS",
        "=856  40$uhttps://example.org/a$qtext/html$yText",
        "=856  42$uhttps://example.org/b$xrel=buy",
        "=856  42$3Cover image$uhttps://example.org/c",
    ]


def test_identifiers() -> None:
    identifiers = [
        ("isbn", "9780201616224"),
        ("lccn", "99043581"),
        ("lccn", "99043582"),
        ("doi", "10.1000/182"),
        ("other", "x"),
    ]
    record = written(isbn=None, identifiers=[{"type": kind, "value": value} for kind, value in identifiers])
    assert fields_of(record, "010", "020", "024") == [
        "=010  \\\\$a99043581",
        "=024  3\\$a9780201616224",
        "=024  7\\$a99043582$2lccn",
        "=024  7\\$a10.1000/182$2doi",
        "=024  8\\$ax",
    ]


class TestSummaries:
    def test_lines_are_fields(self) -> None:
        record = written(description="First\tline.\n\nSecond line.")
        assert fields_of(record, "520") == ["=520  \\\\$81.1\\x$aFirst line.", "=520  \\\\$83.1\\x$aSecond line."]

    def test_long_ones_are_split_where_a_field_has_no_room(self) -> None:
        long = document(description="界 and " * 1_428)
        fields = read(iso2709.write(long)).get_fields("520")
        assert len(fields) == 5
        assert all(len(field.as_marc("utf-8")) <= 9_999 for field in fields)
        (row,) = rows_of(iso2709.write(long))
        assert read_of(row) == carried(long)

    def test_without_spaces_they_are_split_anywhere(self) -> None:
        long = document(description="😀" * 10_000)
        (row,) = rows_of(iso2709.write(long))
        assert read_of(row) == carried(long)


class TestTooLongRecords:
    def test_lose_what_comes_last_and_say_so(self) -> None:
        content = iso2709.write(document(**LONG, description="x" * 10_000, subtitle="Subtitle"))
        assert len(content) <= 99_999
        assert int(content[:5]) == len(content)
        record = read(content)
        assert fields_of(record, "500") == [f"=500  \\\\$a{iso2709.INCOMPLETE}"]
        assert record["245"]["b"] == "Subtitle /"
        names = [field["a"] for field in record.get_fields("100", "700")]
        assert names == [f"{place}{'界' * 250}," for place in range(1, len(names) + 1)]
        assert 100 < len(names) < 200
        (row,) = rows_of(content)
        assert row.book is not None

    def test_a_long_description_leaves_room_for_people(self) -> None:
        record = read(
            iso2709.write(document(description="😀" * 10_000, genres=[f"{'界' * 90}{number}" for number in range(100)]))
        )
        assert len(record.get_fields("655")) == 100
        assert record.get_fields("700", "500") == []


def test_every_role_has_a_term_that_is_read_again() -> None:
    assert TERM_OF.keys() == RELATORS
    assert {code: relator_code(term) for code, term in TERM_OF.items()} == {code: code for code in TERM_OF}
    assert relator_code("juggler") is None


@pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="YAZ is not installed")
def test_yaz_reads_it() -> None:
    books = [document(title="Brontë 界", subtitle="x" * 400), document(**LONG), document(description="😀 \n" * 3_000)]
    content = b"".join(map(iso2709.write, books))
    done = subprocess.run(["yaz-marcdump", "-v", "/dev/stdin"], input=content, capture_output=True, check=True)  # noqa: S607
    assert done.stderr == b""
    assert done.stdout.decode().count("\n001 1\n") == 3
    assert "245 10 $a Brontë 界 : $b" in done.stdout.decode()


def test_is_a_format() -> None:
    marc_format = FORMATS["marc"]
    assert (marc_format.extension, marc_format.media_type) == ("mrc", "application/marc")
    assert marc_format.read is not None
    assert marc_format.write is not None
    (row,) = marc_format.read(BytesIO(marc_format.write(document())), None, None)
    assert read_of(row) == carried(document())
