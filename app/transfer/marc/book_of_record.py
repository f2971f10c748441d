"""The book of a MARC record.

What is not read, since the catalogue has no field for it: places of publication, editions, notes other than summaries,
dates of people's lives, titles of honour, uniform and further titles, subjects that are people or works, cancelled
ISBNs, holdings but for the first. Source: MARC 21 Format for Bibliographic Data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.domain.sort_titles import sort_title_of
from app.schemas.fields import MOST_GENRES
from app.transfer import values
from app.transfer.marc import coded_fields
from app.transfer.marc.identifiers import identifiers, links
from app.transfer.marc.imprint import pages, published, publisher, series
from app.transfer.marc.people import contributors
from app.transfer.marc.record import bare_heading, line
from app.transfer.validation import fill

if TYPE_CHECKING:
    from collections import Counter

    from app.transfer.marc.record import MarcRecord
    from app.transfer.rows import Row

LONGEST_DESCRIPTION = 10_000
LONGEST_GENRE = 100
COLUMNS = {
    "title": "245 $a",
    "subtitle": "245 $b",
    "contributors": "100, 700",
    "isbn": "020 $a",
    "language": "008/35-37",
    "published_year": "264 $c",
    "published": "008/07-14",
    "publisher": "264 $b",
    "description": "520 $a",
    "pages": "300 $a",
    "series": "490 $a",
    "series_position": "490 $v",
    "genres": "655, 650, 651",
    "links": "856",
    "cover_url": "856 $u",
    "sort_title": "245",
    "call_number": "852 $h",
    "location": "852 $c",
    "identifiers": "020, 010, 022, 024, 035",
}
NOT_BOOKS = {
    **dict.fromkeys("ab", "is a part of another publication, not a book"),
    "s": "is a periodical or another serial, not a book",
}
"""By the bibliographic level (MARC 21, leader, position 7)."""
READ_FIELDS = {"245", "490", "830", *(f"{hundred}{kind}" for hundred in (1, 7) for kind in ("00", "10", "11"))}
OTHER_SCRIPT = "is given in another script as well, for which the catalogue has no field"
ARTICLE = re.compile(r"[^\W\d_]+(?:['\u2019\u02bc-]|\s+)")
SEQUENCE = re.compile(r"(\d{1,5})\.\d+\\x")
"""Field link and sequence number, of general sequencing (subfield 8): of fields that continue each other."""


def fill_from(row: Row, record: MarcRecord, remarks: Counter[str]) -> None:
    """Fill in the book of a row from its record, or why there is none."""
    if reason := NOT_BOOKS.get(record.level):
        row.passed_over = reason
        return
    title = _title(record)
    if not title:
        row.fail("title", "is missing", column=COLUMNS["title"])
        return
    for tag, field in record.in_other_scripts:
        if tag in READ_FIELDS:
            name = "title" if tag == "245" else "series" if tag[0] in "48" else "contributors"
            row.leave_out(name, OTHER_SCRIPT, record.first(field, "a"), f"880 ({tag})")
    language = _language(row, record)
    isbns, others = identifiers(row, record)
    fields = {
        "title": title,
        "subtitle": _subtitle(record),
        "contributors": contributors(row, record, remarks),
        "isbn": isbns[0] if isbns else None,
        **published(row, record),
        "language": language,
        "publisher": publisher(row, record),
        "description": _description(row, record),
        "pages": pages(row, record),
        **series(row, record),
        **links(row, record),
        "genres": _genres(row, record),
        "sort_title": _sort_title(record, title, language),
        "identifiers": others,
        **_shelf(record),
    }
    fill(row, fields, lambda name: COLUMNS.get(name, ""))


def _title(record: MarcRecord) -> str:
    """The title; of an archive without one, its form."""
    titles = (record.title(field) or record.first(field, "k") for field in record.all("245"))
    return next(filter(None, titles), "")


def _subtitle(record: MarcRecord) -> str | None:
    for field in record.all("245")[:1]:
        if text := " ".join(record.parts(field, "b")):
            is_end = record.is_punctuated and field.subfields[-1].code == "b"
            return values.FINAL_STOP.sub("", text) if is_end else text
    return None


def _sort_title(record: MarcRecord, title: str, language: str | None) -> str | None:
    """The title without the article that the second indicator counts, unless it is filed so anyway."""
    count = next((field.indicator2 for field in record.all("245")), "")
    article = title[: int(count)] if count in set("123456789") else ""
    rest = title[len(article) :]
    if not ARTICLE.fullmatch(article) or not rest:
        return None
    filed = f"{rest}, {article.strip()}"
    return filed if filed != sort_title_of(title, language) else None


def _language(row: Row, record: MarcRecord) -> str | None:
    """The language: its tag, if the record has one, then the coded one, then the first of several."""
    coded = record.all("041")
    tags = [text for field in coded if field.indicator2 == "7" for text in record.parts(field, "a")]
    texts = [text for field in coded if field.indicator2 != "7" for text in record.parts(field, "a")]
    codes_of_041 = [
        code for text in texts for code in ([text] if "-" in text else re.findall("...?", text[: values.LONGEST]))
    ]
    found: list[str] = []
    for code in [*tags, record.control("008")[coded_fields.LANGUAGE], *codes_of_041]:
        try:
            tag = coded_fields.tag_of(code)
        except ValueError as error:
            row.leave_out("language", str(error), code, COLUMNS["language"])
        else:
            found += [tag] if tag and tag.partition("-")[0] not in {one.partition("-")[0] for one in found} else []
    if found[1:]:
        row.leave_out("language", "is one of several, and the first is kept", ", ".join(found), "041 $a")
    return found[0] if found else None


def _description(row: Row, record: MarcRecord) -> str | None:
    """The summaries, each a paragraph of its own, unless they continue each other: see `record_of_book.py`."""
    text, before = "", 0
    for field in record.all("520"):
        part = " ".join(subfield.value for subfield in field.subfields if subfield.code in "ab").replace("\r\n", "\n")
        sequence = SEQUENCE.match(field.get("8", ""))
        number = int(sequence[1]) if sequence else before + 1
        text += "\n" * min(max(number - before, 0), LONGEST_DESCRIPTION) * bool(text) + part
        before = number
        if len(text) > LONGEST_DESCRIPTION * 2:
            break
    text = text.strip()
    if len(text) > LONGEST_DESCRIPTION:
        row.leave_out("description", f"is cut after {LONGEST_DESCRIPTION:,} characters", column=COLUMNS["description"])
        text = text[: LONGEST_DESCRIPTION - 1].rstrip() + "…"
    return text or None


def _genres(row: Row, record: MarcRecord) -> list[str]:
    """The genres, and then the subjects with their subdivisions: `Web sites -- Design`."""
    names = []
    for field in record.all("655", "650", "651"):
        parts = [
            line(subfield.value) for subfield in field.subfields if subfield.code in "avxyz" and subfield.value.strip()
        ]
        name = " -- ".join(parts)
        name = name if len(name) <= LONGEST_GENRE else "".join(parts[:1])
        names.append(bare_heading(name) if record.is_punctuated else name)
    if len(names) > MOST_GENRES:
        row.leave_out("genres", f"are more than {MOST_GENRES}; the others are left out", column=COLUMNS["genres"])
    return list(filter(None, names))[:MOST_GENRES]


def _shelf(record: MarcRecord) -> dict[str, str | None]:
    """The call number of the first holding, or of a classification; and where the holding is."""
    numbers = [" ".join(record.parts(field, "khim")) for field in record.all("852")]
    numbers += [
        " ".join(filter(None, (record.first(field, "a"), record.first(field, "b")))) for field in record.all("050")
    ]
    numbers += [record.first(field, "a").replace("/", "") for field in record.all("082")]
    places = [", ".join(record.parts(field, "bc") or record.parts(field, "a")) for field in record.all("852")]
    return {
        "call_number": next(filter(None, numbers), None),
        "location": next(filter(None, places), None),
    }
