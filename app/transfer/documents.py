"""What the writers of all formats take from the document of a book."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from typing import Any, NamedTuple, cast

from app.domain.relator_codes import AUTHOR
from app.domain.sort_names import sort_name_of
from app.transfer.texts import MARKUP

TEXTS = ("title", "subtitle", "sort_title", "publisher", "series", "description", "call_number", "location")


class FiledName(NamedTuple):
    """A name in the order in which it is filed; `first` is empty if it is not turned around."""

    last: str
    first: str = ""
    suffix: str = ""


def book_of(document: str) -> dict[str, Any]:
    """The book of a document as `GET /books/<id>` shows it.

    A text that would be taken for HTML is escaped, as HTML is.
    """
    book = cast("dict[str, Any]", json.loads(document))
    if MARKUP.search(document):
        book |= {name: _escaped(book[name]) for name in TEXTS if book[name]}
        book["genres"] = list(map(_escaped, book["genres"]))
        book["contributors"] = [person | {"name": _escaped(person["name"])} for person in book["contributors"]]
    return book


def _escaped(text: str) -> str:
    return html.escape(text, quote=False) if MARKUP.search(text) else text


def filed(name: str) -> FiledName:
    """The parts of a name as `sort_name_of` files it: `Austen, Jane`."""
    sort_name = sort_name_of(name)
    if sort_name == name:
        return FiledName(name)
    last, first, *suffix = sort_name.split(", ")
    return FiledName(last, first, *suffix)


def names_by_role(book: dict[str, Any]) -> dict[str, list[str]]:
    """The names of the contributors in order, by role: the authors first."""
    roles: dict[str, list[str]] = {AUTHOR: []}
    for person in book["contributors"]:
        roles.setdefault(person["role"], []).append(person["name"])
    return {role: names for role, names in roles.items() if names}


def isbns_of(book: dict[str, Any]) -> list[str]:
    """The ISBN, and the further ones among the identifiers."""
    others = [entry["value"] for entry in book["identifiers"] if entry["type"] == "isbn"]
    return [isbn for isbn in (book["isbn"], *others) if isbn]


def full_title(book: dict[str, Any]) -> str:
    """The title with the subtitle."""
    return f"{book['title']}: {book['subtitle']}" if book["subtitle"] else str(book["title"])


def number(value: float) -> str:
    """A number without needless digits or an exponent: `1`, `1.5`."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def own_sort_title(book: dict[str, Any]) -> str | None:
    """The title to sort by, if it is another than the title."""
    return book["sort_title"] if book["sort_title"] != book["title"] else None
