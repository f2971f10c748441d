"""Books of tests, as MARC records and as documents."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pymarc import Field, Indicators, Leader, Record, Subfield

from app.domain.names import name_key
from app.domain.relator_codes import RELATORS
from app.domain.sort_titles import sort_title_of
from app.schemas.books import EMMA_REPLY, BookReply
from app.schemas.fields import Description, Genres, Text255, Text500
from app.transfer.marc.iso2709 import Marc

if TYPE_CHECKING:
    from app.schemas.imported_books import BookRow
    from app.transfer.rows import Row

EMMA_FIELDS = {"100": "1 $aAusten, Jane,$d1775-1817.", "245": "10$aEmma /$cJane Austen."}
LANGUAGES = ["en", "de", "fr", "grc", "zh", "zh-Hant", "en-US", "sr-Latn", "cmn", "nb", None]


def field(tag: str, text: str) -> Field:
    """A field from its indicators and subfields: `10$aEmma /$cJane Austen.`; a control field from its text."""
    if tag < "010":
        return Field(tag, data=text)
    return Field(tag, Indicators(text[0], text[1]), [Subfield(part[0], part[1:]) for part in text[2:].split("$")[1:]])


def record(*fields: tuple[str, str], leader: str = "00000nam a2200000 a 4500") -> bytes:
    """A record with these fields; the others are those of Emma."""
    named = {tag for tag, _ in fields}
    emma = [pair for pair in EMMA_FIELDS.items() if pair[0] not in named]
    made = Record(leader=leader)
    made.leader = Leader(leader)
    made.fields = [field(tag, text) for tag, text in sorted([*emma, *fields], key=lambda pair: pair[0])]
    return made.as_marc()


def rows_of(content: bytes, encoding: str | None = None) -> list[Row]:
    """The rows of a file."""
    return list(Marc(BytesIO(content), encoding))


def only_row(*fields: tuple[str, str], leader: str = "00000nam a2200000 a 4500") -> Row:
    """The row of that record."""
    (row,) = rows_of(record(*fields, leader=leader))
    return row


def only_book(*fields: tuple[str, str], leader: str = "00000nam a2200000 a 4500") -> BookRow:
    """The book of that record, of which nothing was left out."""
    row = only_row(*fields, leader=leader)
    assert (row.errors, row.left_out) == ([], [])
    assert row.book is not None
    return row.book


def notes(row: Row) -> list[str]:
    """What was left out of a row."""
    return [str(note) for note in row.left_out]


def document(**changes: Any) -> str:
    """The document of Emma, with changes."""
    book = EMMA_REPLY | changes
    if "sort_title" not in changes:
        book["sort_title"] = sort_title_of(book["title"], book["language"])
    return BookReply.model_validate_json(json.dumps(book)).model_dump_json()


def carried(document: str) -> dict[str, Any]:
    """What the formats carry of a document, comparable with `read_of`."""
    book = json.loads(document)
    description = "\n".join(
        line.replace("\t", " ") if line.strip() else "" for line in (book["description"] or "").split("\n")
    )
    return {
        **{name: book[name] for name in ("title", "subtitle", "isbn", "published_year", "language", "publisher")},
        **{name: book[name] for name in ("pages", "series", "series_position", "genres", "call_number", "location")},
        **{name: book[name] for name in ("links", "cover_url", "published")},
        "description": description.strip() or None,
        "identifiers": sorted((one["type"], one["value"]) for one in book["identifiers"]),
        "contributors": [(name_key(person["name"]), person["role"]) for person in book["contributors"]],
    }


def read_of(row: Row) -> dict[str, Any]:
    """The book of a row, in which nothing is left out."""
    assert (row.errors, row.left_out) == ([], [])
    assert row.book is not None
    read = row.book.model_dump()
    read["identifiers"] = sorted((one["type"], one["value"]) for one in read["identifiers"])
    read["contributors"] = [(name_key(person["name"]), person["role"]) for person in read["contributors"]]
    return {name: read[name] for name in carried(document())}


def _valid(kind: Any, texts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The texts that a field takes, as it stores them."""
    adapter = TypeAdapter[Any](kind)

    def stored(text: Any) -> Any:
        try:
            return adapter.validate_python(text)
        except ValidationError:
            return None

    return texts.map(stored).filter(bool)


LETTERS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40)
MARKS = st.sampled_from(["", " /", " :", ",", ".", "..", " ;", "/", ":", "...", " =", ", ", "?", " ; 3", "[", "(pbk.)"])
TEXTS = st.builds("{}{}".format, LETTERS | st.sampled_from(["Emma", "etc", "The end"]), MARKS)
NAMES = TEXTS | st.sampled_from(
    [
        *["Jane Austen", "Homer", "Martin Luther King Jr.", "Sammy Davis, Jr.", "J. R. R. Tolkien", "bell hooks"],
        *["Johann Wolfgang von Goethe", "Simon & Schuster", "Author Unknown", "Anonymous", "A", "John Smith III"],
    ]
)
IDENTIFIERS = st.sampled_from(
    [
        *[
            ("isbn", "9780201616224"),
            ("oclc", "297"),
            ("lccn", "n78089035"),
            ("lccn", "99043581"),
            ("asin", "B00ABCDEFG"),
        ],
        *[("issn", "0317-8471"), ("doi", "10.1000/182"), ("wikidata", "Q42"), ("goodreads", "6969"), ("olid", "OL7M")],
        *[("librarything", "x,"), ("other", "hdl:1/2 /")],
    ]
)
LINKS = st.fixed_dictionaries(
    {
        "rel": st.sampled_from(["read", "about", "buy", "borrow", "sample", "https://example.org/rel"]),
        "href": st.sampled_from(["https://example.org/a,", "http://example.org/?q=1&b=$c"]),
        "type": st.sampled_from([None, "text/html", "application/epub+zip"]),
        "title": st.none() | _valid(Text255, TEXTS),
    }
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Documents of books, with marks of punctuation in bad places."""
    lines, some = _valid(Text255, TEXTS), st.none() | _valid(Text500, TEXTS)
    people = draw(
        st.lists(
            st.tuples(_valid(Text255, NAMES), st.sampled_from(sorted(RELATORS))),
            min_size=1,
            max_size=5,
            unique_by=lambda person: (name_key(person[0]), person[1]),
        )
    )
    year = draw(st.none() | st.integers(-5000, 2026))
    date = f"{year:04}-{draw(st.sampled_from(['02', '02-28']))}" if year and year > 0 and draw(st.booleans()) else None
    series = draw(some)
    identifiers = draw(st.lists(IDENTIFIERS, max_size=5, unique=True))
    return document(
        title=draw(_valid(Text500, TEXTS)),
        subtitle=draw(some),
        contributors=[{"author_id": place, "name": name, "role": role} for place, (name, role) in enumerate(people, 1)],
        isbn=draw(st.sampled_from([None, "9780141439587"])),
        published_year=year,
        published=date,
        language=draw(st.sampled_from(LANGUAGES)),
        publisher=draw(st.none() | lines),
        description=draw(
            st.none()
            | _valid(
                Description,
                st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
                | st.lists(TEXTS, max_size=9).map("\n\n".join),
            )
        ),
        pages=draw(st.none() | st.integers(1, 100_000)),
        series=series,
        series_position=draw(st.none() | st.integers(-9, 99).map(float) | st.floats(0, 1_000)) if series else None,
        cover_url=draw(st.sampled_from([None, "https://example.org/cover.jpg"])),
        genres=draw(_valid(Genres, st.lists(TEXTS, max_size=5)) | st.just([])),
        identifiers=[{"type": kind, "value": value} for kind, value in identifiers],
        links=draw(st.lists(LINKS, max_size=3, unique_by=lambda link: str(sorted(link.items(), key=str)))),
        call_number=draw(st.none() | lines),
        location=draw(st.none() | lines),
    )
