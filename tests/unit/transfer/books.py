"""Books as `GET /books/<id>` shows them, written in a format and read again."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from hypothesis import assume
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.edtf import year_of
from app.domain.names import plain
from app.schemas.books import EMMA_REPLY, BookReply
from app.schemas.imported_books import BookRow
from app.transfer.formats import FORMATS
from app.transfer.people import NOT_NAMED

if TYPE_CHECKING:
    from app.transfer.rows import Row

DIFFICULT = "&%$#_{}~^\\\"'`@,;:=-/<>()[]|!?*. éßøŁ漢ع\u00a0\u2013“"
WORDS = st.text(st.sampled_from("abcdeABCDE  " + DIFFICULT), min_size=1, max_size=30)
NAMES = st.one_of(
    st.sampled_from(
        [
            *[
                "Jane Austen",
                "Homer",
                "Ludwig van Beethoven",
                "Martin Luther King Jr.",
                "bell hooks",
                "E. T. A. Hoffmann",
            ],
            *[
                "Simon and Schuster",
                "Smith, Jones & Co.",
                "Charles de la Vallée Poussin",
                "Anonymous",
                "村上 春樹",
            ],
        ]
    ),
    WORDS.filter(lambda name: plain(name).strip(" []()\xa0") not in NOT_NAMED),
)
ROLES = st.sampled_from(["aut", "aut", "edt", "trl", "ill", "aui", "aft", "nrt", "pht", "cmm"])
IDENTIFIERS = st.sampled_from(
    [
        *[
            ("oclc", "297"),
            ("doi", "10.1000/182_a(b)"),
            ("doi", "10.5555/x"),
            ("issn", "0317-8471"),
            ("lccn", "n78089035"),
        ],
        *[("isbn", "9780306406157"), ("other", "a, b; c:{d}"), ("wikidata", "Q42"), ("asin", "B005FR4TNS")],
    ]
)
FIELDS = st.fixed_dictionaries(
    {
        "title": WORDS,
        "subtitle": st.none() | WORDS,
        "contributors": st.lists(
            st.fixed_dictionaries({"name": NAMES, "role": ROLES}), min_size=1, max_size=5, unique_by=str
        ),
        "isbn": st.sampled_from([None, "9780141439587"]),
        "published": st.sampled_from([None, "1815-12", "1815-12-23", "-0044-03", "0876-01-01"]),
        "published_year": st.sampled_from([None, 1815, -44, 876, -5000, 7]),
        "language": st.sampled_from([None, "en", "en-GB", "grc", "zh-Hant"]),
        "publisher": st.none() | WORDS,
        "description": st.none() | st.lists(WORDS, min_size=1, max_size=4).map("\n".join),
        "pages": st.none() | st.integers(1, 100_000),
        "series": st.none() | WORDS,
        "series_position": st.none() | st.sampled_from([0.0, 1.0, 1.5, -2.0, 1e6, 0.001]),
        "cover_url": st.sampled_from([None, "https://example.org/a_b%20c.jpg?x=1&y=~2#d"]),
        "genres": st.lists(WORDS, max_size=4),
        "sort_title": WORDS,
        "identifiers": st.lists(IDENTIFIERS, max_size=5, unique=True).map(
            lambda found: [{"type": kind, "value": value} for kind, value in found]
        ),
        "links": st.lists(
            st.fixed_dictionaries(
                {"rel": st.just("about"), "href": st.sampled_from(["https://a.example/%7Bb_c?d=e&f"])}
            ),
            max_size=1,
        ),
        "call_number": st.none() | WORDS,
        "location": st.none() | WORDS,
    }
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid books, in the spelling in which they are stored."""
    fields: dict[str, Any] = draw(FIELDS)
    if fields["published"]:
        fields["published_year"] = year_of(fields["published"])
    if not fields["isbn"]:
        fields["identifiers"] = [one for one in fields["identifiers"] if one["type"] != "isbn"]
    if not fields["series"]:
        fields["series_position"] = None
    try:
        row = BookRow.model_validate(fields)
    except ValidationError:
        assume(condition=False)
        raise
    return stored(row)


def stored(row: BookRow) -> dict[str, Any]:
    """The document of a row that was imported."""
    fields = row.model_dump()
    people = [
        {"author_id": place, "name": person["name"], "role": person["role"]}
        for place, person in enumerate(fields["contributors"], start=1)
    ]
    others = {"contributors": people, "sort_title": row.sort_title or row.title}
    return BookReply.model_validate(EMMA_REPLY | fields | others).model_dump(mode="json")


def book_with(**fields: object) -> str:
    """The document of Emma with other fields."""
    return BookReply.model_validate(EMMA_REPLY | fields).model_dump_json()


def written(name: str, *documents: str) -> bytes:
    """A file of books."""
    form = FORMATS[name]
    assert form.write is not None
    return form.before + form.between.join(map(form.write, documents)) + form.after


def rows_of(name: str, file: bytes | str) -> list[Row]:
    """The rows of a file."""
    form = FORMATS[name]
    assert form.read is not None
    return list(form.read(BytesIO(file.encode() if isinstance(file, str) else file), None, None))


def only_row(name: str, file: bytes | str) -> Row:
    """The one row of a file."""
    (row,) = rows_of(name, file)
    return row


def only_book(name: str, file: bytes | str) -> BookRow:
    """The one book of a file, of which nothing was left out."""
    row = only_row(name, file)
    assert (row.errors, row.left_out, row.passed_over) == ([], [], "")
    assert row.book is not None
    return row.book


def left_out(row: Row) -> list[tuple[str, str, str]]:
    """What could not be kept of a row: the field of the book, that of the file, and why."""
    assert row.book is not None
    return [(note.field, note.column, note.detail) for note in row.left_out]


def people_of(book: BookRow | dict[str, Any]) -> set[tuple[str, str]]:
    """The names of the contributors with their roles."""
    people = book["contributors"] if isinstance(book, dict) else [one.model_dump() for one in book.contributors]
    return {(" ".join(person["name"].split()), person["role"]) for person in people}


def kept(
    book: dict[str, Any], row: BookRow, *, without: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a book says, and what was read of it, in forms that can be compared.

    Args:
        book: the document.
        row: what was read.
        without: fields that the format does not carry.
    """
    read = row.model_dump()
    read["sort_title"] = read["sort_title"] or read["title"]
    before, after = dict(book), read
    for one in (before, after):
        one["contributors"] = people_of(one)
        one["identifiers"] = {(entry["type"], entry["value"]) for entry in one["identifiers"]}
        lines = (line.strip() for line in (one["description"] or "").split("\n"))
        one["description"] = "\n".join(lines).strip() or None
        one["links"] = [entry["href"] for entry in one["links"]]
    names = BookRow.model_fields.keys() - without
    return {name: before[name] for name in names}, {name: after[name] for name in names}


def bib_entry(kind: str = "book", **fields: str) -> str:
    """An entry of BibTeX; without fields it is Emma."""
    entry = {"author": "{Austen, Jane}", "title": "{Emma}"} | fields
    return f"@{kind}{{key,\n" + "".join(f"  {name} = {value},\n" for name, value in entry.items()) + "}\n"
