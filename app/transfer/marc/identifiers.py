"""The identifiers and links of a MARC record.

Source: MARC 21 Format for Bibliographic Data, fields 001, 003, 010, 020, 022, 024, 035 and 856; Standard Identifier
Source Codes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.domain.identifiers import OF_BOOKS
from app.schemas.identifiers import MEDIA_TYPE, MOST_IDENTIFIERS, MOST_LINKS
from app.transfer import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.transfer.marc.record import MarcRecord
    from app.transfer.rows import Row

OCLC = "(OCoLC)"
OCLC_SOURCE = "OCoLC"
EUROPEAN_ARTICLE_NUMBER, UNSPECIFIED, IN_SUBFIELD_2 = "3", "8", "7"
"""Types of number, by the first indicator of field 024."""
THE_RESOURCE = "0"
"""Second indicator of field 856: the address is that of the resource itself."""
COVER = "Cover image"
RELATION = re.compile(r"rel=(\S+)")


def identifiers(row: Row, record: MarcRecord) -> tuple[list[str], list[dict[str, str]]]:
    """The ISBNs, of which the first is that of the book, and the identifiers, with the further ISBNs."""
    isbns = _isbns(row, record)
    found = [{"type": "isbn", "value": isbn} for isbn in isbns[1:]]
    for kind, text, column in _others(record):
        try:
            value = OF_BOOKS[kind](text)
        except ValueError as error:
            row.leave_out("identifiers", str(error), text, column)
        else:
            if (kind != "isbn" or value not in isbns) and {"type": kind, "value": value} not in found:
                found.append({"type": kind, "value": value})
    if len(found) > MOST_IDENTIFIERS:
        row.leave_out("identifiers", f"are more than {MOST_IDENTIFIERS}; the others are left out")
    return isbns, found[:MOST_IDENTIFIERS]


def _isbns(row: Row, record: MarcRecord) -> list[str]:
    found: dict[str, None] = {}
    for field in record.all("020"):
        for text in record.parts(field, "a"):
            try:
                found |= dict.fromkeys(values.isbns(text))
            except ValueError as error:
                row.leave_out("isbn", str(error), text, "020 $a")
    return list(found)


def _others(record: MarcRecord) -> Iterator[tuple[str, str, str]]:
    """The types, texts and columns of what may be identifiers."""
    for tag, kind in {"010": "lccn", "022": "issn"}.items():
        for field in record.all(tag):
            yield from ((kind, text, f"{tag} $a") for text in record.parts(field, "a"))
    for field in record.all("024"):
        kind = {EUROPEAN_ARTICLE_NUMBER: "isbn", UNSPECIFIED: "other"}.get(field.indicator1, "")
        kind = record.first(field, "2").lower() if field.indicator1 == IN_SUBFIELD_2 else kind
        for text in record.parts(field, "a"):
            is_known = kind in OF_BOOKS and (field.indicator1 != EUROPEAN_ARTICLE_NUMBER or text.startswith("97"))
            scheme = f"{kind}:" if kind and not is_known and not text.lower().startswith(kind) else ""
            yield (kind, text, "024 $a") if is_known else ("other", scheme + text, "024 $a")
    for field in record.all("035"):
        yield from (("oclc", text, "035 $a") for text in record.parts(field, "a") if text.startswith(OCLC))
    if record.control("003").strip() == OCLC_SOURCE:
        yield "oclc", record.control("001").strip(), "001"


def links(row: Row, record: MarcRecord) -> dict[str, Any]:
    """The cover, and the links: `read` if the resource itself is there, otherwise `about` unless it says more."""
    cover, found = None, []
    for field in record.all("856"):
        label = record.first(field, "3")
        stated = next((match[1] for text in record.parts(field, "x") if (match := RELATION.fullmatch(text))), "")
        media_type = record.first(field, "q")
        for address in field.get_subfields("u"):
            if label.casefold() == COVER.casefold() and cover is None:
                cover = address.strip()
                continue
            found.append(
                {
                    "rel": stated or ("read" if field.indicator2 == THE_RESOURCE else "about"),
                    "href": address.strip(),
                    "type": media_type if re.match(MEDIA_TYPE, media_type) else None,
                    "title": record.first(field, "y") or label or record.first(field, "z") or None,
                }
            )
    if len(found) > MOST_LINKS:
        row.leave_out("links", f"are more than {MOST_LINKS}; the others are left out")
    return {"cover_url": cover, "links": found[:MOST_LINKS]}
