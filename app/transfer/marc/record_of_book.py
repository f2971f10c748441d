"""The MARC record of a book, as MARC 21 and MARCXML share it.

| of the book | in the record |
| --- | --- |
| `id`, `created_at`, `updated_at` | 001, 008/00-05, 005 |
| `title`, `subtitle` | 245 $a, $b, with ISBD's punctuation; articles that the sort title passes over are counted |
| `contributors` | 100 if the first is an author, otherwise 700; $e and $4 are their roles; 245 $c names three |
| `isbn`, `identifiers` | 020; 010, 022 and 035 for `lccn`, `issn` and `oclc`; otherwise 024 with the type in $2 |
| `published_year`, `published` | 264 $c, 008/06-14 |
| `language` | 008/35-37; with a script or region, or without a code, also 041 $a as a tag |
| `publisher`, `pages` | 264 $b, 300 $a |
| `series`, `series_position` | 490 and 830, $a and $v |
| `description` | 520 $a: lines are fields of their own, whose $8 counts them, and so are parts of long ones |
| `genres` | 655, of local terms |
| `links`, `cover_url` | 856: `read` is the resource itself; other relations than `about` stand in $x |
| `call_number`, `location` | 852 $h, $c |

Not carried: `created_by`, `updated_by`, `version`, `author_id`; a sort title that is more than the title without its
article; months and days of dates before Christ; tabs, and white space at the ends of a description.

Source: MARC 21 Format for Bibliographic Data; ISBD, section A3.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pymarc import Field, Indicators, Leader, Record, Subfield

from app.domain.relator_codes import AUTHOR
from app.domain.sort_names import SUFFIXES, sort_name_of
from app.transfer.marc import coded_fields
from app.transfer.marc.identifiers import COVER, OCLC
from app.transfer.marc.record import guarded, guarded_heading
from app.transfer.marc.relator_terms import TERM_OF

if TYPE_CHECKING:
    from collections.abc import Iterator

LEADER = "00000nam a2200000 a 4500"
"""A new record of a printed monograph, in UTF-8, described by AACR2."""
MOST_STATED = 3
"""Names in a statement of responsibility (AACR2, rule 1.1F5)."""
LONGEST_PART = 2_000
"""Characters of a summary in one field, which may have 9,999 bytes."""
MOST_NONFILING = 9
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f]")
TAG_OF_IDENTIFIER = {"lccn": "010", "issn": "022", "oclc": "035"}
INDICATOR_OF_RELATION = {"read": "0", "about": "2"}
RELATED = "2"


def record_of(document: str) -> Record:
    """The record of a book.

    Args:
        document: of the book, as `GET /books/<id>` shows it.
    """
    book = json.loads(document)
    record = Record(force_utf8=True)
    record.leader = Leader(LEADER)
    record.fields = sorted(_fields(book), key=lambda field: field.tag)
    return record


def _fields(book: dict[str, Any]) -> Iterator[Field]:
    yield Field("001", data=str(book["id"]))
    yield Field("005", data=re.sub(r"\D", "", book["updated_at"][:19]) + ".0")
    yield Field("008", data=coded_fields.fixed_field(book))
    yield from _identifiers(book)
    if (tag := book["language"]) and coded_fields.tag_or_none(coded_fields.code_of(tag)) != tag:
        yield _field("041", " 7", a=tag, **{"2": coded_fields.TAGS_SOURCE})
    yield from _people(book["contributors"])
    yield _title(book)
    yield from _publication(book)
    yield from _series(book)
    yield from _summaries(book["description"] or "")
    for genre in book["genres"]:
        yield _field("655", " 7", a=guarded_heading(genre), **{"2": "local"})
    if book["call_number"] or book["location"]:
        yield _field("852", "8 ", c=_before(book["location"], book["call_number"]), h=_last(book["call_number"]))
    yield from _links(book)


def _field(tag: str, indicators: str, **subfields: str | None) -> Field:
    """A field with those subfields that are filled, in this order."""
    filled = [Subfield(code.strip("_"), CONTROL.sub(" ", text)) for code, text in subfields.items() if text]
    return Field(tag, Indicators(*indicators), filled)


def _last(text: str | None) -> str | None:
    """A text as the last subfield."""
    return guarded(text) if text else None


def _before(text: str | None, following: object, mark: str = ",") -> str | None:
    """A text with the mark that introduces the next subfield; as the last one, if that is empty."""
    return f"{text}{mark}" if text and following else _last(text)


def _title(book: dict[str, Any]) -> Field:
    people = book["contributors"]
    has_main_entry = people[0]["role"] == AUTHOR
    names = ", ".join(person["name"] for person in people[:MOST_STATED])
    others = " ... [et al.]" if people[MOST_STATED:] else ""
    return _field(
        "245",
        f"{int(has_main_entry)}{_nonfiling(book['title'], book['sort_title'])}",
        a=f"{book['title']} {':' if book['subtitle'] else '/'}",
        b=f"{book['subtitle']} /" if book["subtitle"] else None,
        c=f"{names}{others}.",
    )


def _nonfiling(title: str, sort_title: str) -> int:
    """The number of characters over which the sort title passes: 4 of `The Great Gatsby`."""
    rest, _, article = sort_title.rpartition(", ")
    count = len(title) - len(rest)
    return (
        count
        if rest and title == title[:count] + rest and title[:count].strip() == article and count <= MOST_NONFILING
        else 0
    )


def _people(people: list[dict[str, Any]]) -> Iterator[Field]:
    for place, person in enumerate(people):
        name, suffix = sort_name_of(person["name"]), None
        is_inverted = "," not in person["name"] and "," in name
        first, _, last = name.rpartition(", ")
        if is_inverted and last.lower() in SUFFIXES and "," in first:
            name, suffix = first, last
        yield _field(
            "100" if place == 0 and person["role"] == AUTHOR else "700",
            f"{int(is_inverted)} ",
            a=f"{name},",
            c=f"{suffix}," if suffix else None,
            e=f"{TERM_OF.get(person['role'], 'contributor').removesuffix('.')}.",
            **{"4": person["role"]},
        )


def _identifiers(book: dict[str, Any]) -> Iterator[Field]:
    if book["isbn"]:
        yield _field("020", "  ", a=book["isbn"])
    has_lccn = False
    for identifier in book["identifiers"]:
        kind, value = identifier["type"], _last(identifier["value"])
        if kind == "isbn":
            yield _field("020", "  ", a=value) if book["isbn"] else _field("024", "3 ", a=value)
        elif kind == "other":
            yield _field("024", "8 ", a=value)
        elif kind in TAG_OF_IDENTIFIER and not (kind == "lccn" and has_lccn):
            has_lccn = has_lccn or kind == "lccn"
            yield _field(TAG_OF_IDENTIFIER[kind], "  ", a=f"{OCLC}{value}" if kind == "oclc" else value)
        else:
            yield _field("024", "7 ", a=value, **{"2": kind})


def _publication(book: dict[str, Any]) -> Iterator[Field]:
    year, publisher = book["published_year"], book["publisher"]
    date = None if year is None else f"{year:04}" if year > 0 else f"{-year} B.C."
    if date or publisher:
        yield _field("264", " 1", b=_before(publisher, date), c=date)
    if book["pages"]:
        yield _field("300", "  ", a=f"{book['pages']} p.")


def _series(book: dict[str, Any]) -> Iterator[Field]:
    if not book["series"]:
        return
    position = None if book["series_position"] is None else _number(book["series_position"])
    for tag, indicators in {"490": "1 ", "830": " 0"}.items():
        yield _field(tag, indicators, a=_before(book["series"], position, " ;"), v=position)


def _number(number: float) -> str:
    """The shortest decimal of a number: `1`, `1.5`."""
    return format(Decimal(str(number)).normalize(), "f")


def _summaries(description: str) -> Iterator[Field]:
    """A summary; its lines, and the parts of long lines, as fields that continue each other."""
    lines = [(number, text) for number, text in enumerate(description.strip().split("\n"), 1) if text.strip()]
    parts = [(f"{number}.{place}", part) for number, text in lines for place, part in enumerate(_parts(text), 1)]
    for sequence, part in parts:
        yield _field("520", "  ", **{"8": rf"{sequence}\x" if len(parts) > 1 else None, "a": part})


def _parts(text: str) -> list[str]:
    """The text in parts of a length that a field has room for, at spaces if it has any."""
    parts = []
    while len(text) > LONGEST_PART:
        cut = text.rfind(" ", 1, LONGEST_PART) + 1 or LONGEST_PART
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]


def _links(book: dict[str, Any]) -> Iterator[Field]:
    for link in book["links"]:
        rel = link["rel"]
        yield _field(
            "856",
            f"4{INDICATOR_OF_RELATION.get(rel, RELATED)}",
            u=link["href"],
            q=link["type"],
            x=None if rel in INDICATOR_OF_RELATION else f"rel={rel}",
            y=_last(link["title"]),
        )
    if book["cover_url"]:
        yield _field("856", f"4{RELATED}", **{"3": COVER, "u": book["cover_url"]})
