"""What a MARC record says of how a book came out: its imprint, its pages and its series.

Source: MARC 21 Format for Bibliographic Data, fields 008, 260, 264, 300, 490 and 800 to 830.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.domain.names import name_key
from app.transfer import values
from app.transfer.marc import coded_fields

if TYPE_CHECKING:
    from pymarc import Field

    from app.transfer.marc.record import MarcRecord
    from app.transfer.rows import Row

NOT_NAMED = re.compile(
    r"\[?\s*(?:s\.\s?n\.?|publisher not identified|n\.\s?pub\.?|verlag nicht ermittelbar)\s*\]?", re.IGNORECASE
)
PAGES = re.compile(
    r"\b(?:p|pp|pages?|pgs?|s|seiten|leaves|leaf|l|ff?|bl|blatt|pags?|págs?|páginas|str|stron|\u0441|\u0441\u0442\u0440|sider|sidor)\b\.?",
    re.IGNORECASE,
)
ONLY_NUMBERS = re.compile(r"[\divxlcm\s,.\[\]+]*\d[\divxlcm\s,.\[\]+]*", re.IGNORECASE)
ONE_NUMBER = re.compile(r"\D*(\d{1,6}(?:[.,]\d{1,3})?)\D*", re.ASCII)
FIRST_YEAR = re.compile(r"(?<!\d)[12]\d{3}(?!\d)", re.ASCII)


def published(row: Row, record: MarcRecord) -> dict[str, Any]:
    """The year of the imprint, or of the coded date; and the date, if it is coded."""
    fixed = record.control("008")
    date = coded_fields.date_in(fixed)
    imprints = [
        field for field in record.all("264", "260", "261", "262") if field.tag != "264" or field.indicator2 == "1"
    ]
    texts = [text for field in [*imprints, *record.all("264")] for text in record.parts(field, "c")]
    year = _year(row, texts, coded_fields.year_in(fixed))
    return {"published_year": year, "published": date if date and int(date[:4]) == year else None}


def _year(row: Row, texts: list[str], coded: int | None) -> int | None:
    for text in texts:
        try:
            if (year := values.year(text.removesuffix("."))) is not None:
                return year
        except ValueError as error:
            if coded is None:
                first = FIRST_YEAR.search(text[: values.LONGEST])
                row.leave_out("published_year", f"{error}{', and the first is kept' if first else ''}", text, "264 $c")
                return int(first[0]) if first else None
    return coded


def publisher(row: Row, record: MarcRecord) -> str | None:
    """The first publisher that is named."""
    imprints = [field for field in record.all("264") if field.indicator2 == "1"] or record.all("260")
    names = [name for field in imprints for name in record.parts(field, "b") if not NOT_NAMED.fullmatch(name)]
    for name in names[1:]:
        if name != names[0]:
            row.leave_out("publisher", "is a second publisher", name, "264 $b")
    return names[0] if names else None


def pages(row: Row, record: MarcRecord) -> int | None:
    """The last of the pages of an extent: `xii, 345 p.`."""
    for field in record.all("300"):
        for text in record.parts(field, "a"):
            if not re.search(r"\d", text):
                continue  # `p. cm.`: not known yet
            if len(text) <= values.LONGEST and (PAGES.search(text) or ONLY_NUMBERS.fullmatch(text)):
                with suppress(ValueError):  # `2 v.` is a number of volumes
                    return values.pages(text.lstrip("- "))
            row.leave_out("pages", "is not a number of pages", text, "300 $a")
    return None


def series(row: Row, record: MarcRecord) -> dict[str, Any]:
    """The first series, as it is on the book or else as catalogues file it, and the book's place in it."""
    traced = record.all("830", "800", "810", "811")
    fields = record.all("490", "440") or traced
    names = [(_series_name(record, field), field) for field in fields]
    names = [(name, field) for name, field in names if name]
    if not names:
        return {}
    (name, first), *others = names
    for other, field in others:
        if name_key(other) != name_key(name):
            row.leave_out("series", "is a second series", other, f"{field.tag} $a")
    place = next((text for field in [first, *traced[:1]] if (text := record.first(field, "v"))), "")
    if not place and not traced and " ; " in name and (match := ONE_NUMBER.fullmatch(name.rpartition(" ; ")[2])):
        name, place = name.rpartition(" ; ")[0], match[1]  # without the code of the subfield
    return {"series": name, "series_position": _position(row, place) if place else None}


def _series_name(record: MarcRecord, field: Field) -> str:
    """The title of a series: in author-title entries (800 to 811), after the author."""
    return record.first(field, "t") if field.tag in {"800", "810", "811"} else record.title(field)


def _position(row: Row, text: str) -> float | None:
    """The one number of a designation: `1`, `Bd. 3`, `pt. 1`, `no. 1.5`."""
    try:
        return values.position(text)
    except ValueError as error:
        if len(text) <= values.LONGEST and (match := ONE_NUMBER.fullmatch(text)):
            return float(match[1].replace(",", "."))
        row.leave_out("series_position", str(error), text, "490 $v")
    return None
