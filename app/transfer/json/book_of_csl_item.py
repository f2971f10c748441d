"""The book of a CSL item.

Source: CSL 1.0.2, appendices III (types) and IV (variables), and the schema csl-data.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.transfer import values
from app.transfer.bibtex.names import spoken
from app.transfer.dates import PERIOD, SEASON, UNCERTAIN, of_parts
from app.transfer.references import split_title
from app.transfer.role_words import role_in_brackets
from app.transfer.texts import with_short_spaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.transfer.dates import Dated
    from app.transfer.references import Reference

BOOKS = {"book", "thesis", "report", "manuscript", "classic", "pamphlet", "collection", "musical_score", "standard"}
PEOPLE = {
    "author": "aut",
    "editor": "edt",
    "translator": "trl",
    "illustrator": "ill",
    "compiler": "com",
    "composer": "cmp",
    "contributor": "ctb",
    "curator": "cur",
    "director": "drt",
    "interviewer": "ivr",
    "narrator": "nrt",
    "organizer": "orm",
    "performer": "prf",
    "producer": "pro",
    "recipient": "rcp",
    "editor-translator": "edt",
    "collection-editor": "edt",
    "editorial-director": "edd",
    "script-writer": "aus",
    "series-creator": "cre",
}
"""The roles of name variables. Those of other works (`original-author`, `reviewed-author`) are none of the book."""
READ_TOGETHER = {"title", "collection-title", "collection-number", "volume", "issued", "keyword", "URL"}
TEXTS = {"publisher", "call-number", "ISBN", "ISSN", "DOI", "language", "abstract", "number-of-pages"}
TECHNICAL = {"id", "type", "categories", "citation-key", "citation-label", "accessed", "title-short", "shortTitle"} | {
    *("custom", "source", "system_id", "page"),
}
OWN = ("sort_title", "cover_url", "location")
MOST_PARTS = 3
MOST_NAMES = 1_000


def passed_over(item: dict[str, Any]) -> str:
    """Why an item is not about a book. What is of no particular type is one if it has an ISBN."""
    kind = item.get("type")
    if kind in BOOKS or (kind in {None, "", "document"} and item.get("ISBN")):
        return ""
    return f"is of the type “{_text(kind)[:40]}”, not a book" if kind else "has no type, such as “book”"


class ItemReader:
    """Reads one item."""

    def __init__(self, reference: Reference, item: dict[str, Any]) -> None:
        self._to, self._item = reference, item
        custom = item.get("custom")
        self._custom: dict[str, Any] = custom if isinstance(custom, dict) else {}

    def read(self) -> None:
        """Fill in the row."""
        self._titles()
        self._series()
        self._people()
        self._date()
        for name, value in self._item.items():
            if value not in (None, "", [], {}):
                self._value(str(name), value)
        for genre in self._genres():
            self._to.genre(genre)
        self._own()
        self._to.finish()

    def _value(self, name: str, value: object) -> None:
        """Read a variable that needs no other."""
        text = _text(value)
        if not text and name in TEXTS:
            self._to.leave_out("", "is not a text or a number", _shown(value), name)
            return
        match name:
            case "publisher" | "call-number":
                self._to.line(name.replace("-", "_"), text, name)
            case "ISBN":
                self._to.isbns(text, name)
            case "ISSN" | "DOI":
                for part in text.replace(";", ",").split(",") if name == "ISSN" else [text]:
                    self._to.identify(name.lower(), part, name)
            case "language":
                self._to.language(text, name)
            case "abstract":
                self._to.description(text, name)
            case "number-of-pages":
                self._to.put("pages", self._to.read("pages", values.pages, text, name), name)
            case _ if name not in READ_TOGETHER | PEOPLE.keys() | TECHNICAL:
                self._to.not_kept(name)

    def _titles(self) -> None:
        title = _text(self._item.get("title"))
        short = _text(self._item.get("title-short") or self._item.get("shortTitle"))
        if found := split_title(title, short):
            self._to.put("title", found[0], "title")
            self._to.put("subtitle", found[1], "title")
        else:
            self._to.line("title", title or short, "title")

    def _series(self) -> None:
        """The collection, or else the title, of which it is a volume."""
        self._to.line("series", _text(self._item.get("collection-title")), "collection-title")
        for name in ("collection-number", "volume"):
            if text := _text(self._item.get(name)):
                found = self._to.read("series_position", values.position, text, name)
                if "series" not in self._to.fields and name == "volume" and found is not None:
                    self._to.put("series", self._to.fields.get("title"), "title")
                self._to.put("series_position", found, name)

    def _genres(self) -> list[str]:
        value = self._item.get("keyword")
        if isinstance(own := self._custom.get("genres"), list):
            return [_text(part) for part in own]
        if isinstance(value, list):
            return [_text(part) for part in value]
        return values.genres(_text(value), commas=True)

    def _people(self) -> None:
        for variable, role in PEOPLE.items():
            names = self._item.get(variable)
            if not names:
                continue
            if not isinstance(names, list):
                self._to.leave_out("contributors", "is not a list of names", _text(names), variable)
                continue
            for name in names[:MOST_NAMES]:
                self._name(name, role, variable)
        people = self._custom.get("contributors")
        for person in people if isinstance(people, list) else []:
            if isinstance(person, dict) and (role_code := role_in_brackets(_text(person.get("role")))):
                self._name(person.get("name"), role_code, "custom")

    def _name(self, name: object, role: str, tag: str) -> None:
        if not isinstance(name, dict):
            self._to.person(_text(name), role, tag)
            return
        parts = {part: _text(value) for part, value in name.items()}
        if literal := parts.get("literal"):
            self._to.person(literal, role, tag, literal if " " in literal else None)
            return
        prefixes = " ".join(filter(None, (parts.get("dropping-particle"), parts.get("non-dropping-particle"))))
        found = spoken(parts.get("given", ""), prefixes, parts.get("family", ""), parts.get("suffix", ""))
        if found.name:
            self._to.person(found.name, role, tag, found.sort_name)
        else:
            self._to.leave_out("contributors", "is not a name", _shown(name), tag)

    def _date(self) -> None:
        issued = self._item.get("issued")
        if not issued:
            return
        if not isinstance(issued, dict):
            self._to.date(_text(issued), "issued")
            return
        if parts := issued.get("date-parts"):
            shown = _shown(parts)
            date = self._to.read("published_year", lambda _: _of_parts(parts, issued), shown, "issued")
            self._to.on(date, shown, "issued")
            return
        for name in ("edtf", "raw", "literal"):
            if text := _text(issued.get(name)):
                self._to.date(text, "issued")
                return

    def _own(self) -> None:
        """What we write under `custom`, which is there for what has no variable."""
        for name in OWN:
            self._to.line(name, _text(self._custom.get(name)), "custom")
        for entry in self._objects("identifiers"):
            self._to.identify_any(f"{_text(entry.get('type'))}:{_text(entry.get('value'))}", "custom")
        if not self._custom.get("links"):
            self._to.link(_text(self._item.get("URL")), "URL")
        for entry in self._objects("links"):
            more = {name: _text(entry[name]) for name in ("rel", "type", "title") if entry.get(name)}
            self._to.link(_text(entry.get("href")), "custom", **more)

    def _objects(self, name: str) -> Iterator[dict[str, Any]]:
        found = self._custom.get(name)
        return (entry for entry in (found if isinstance(found, list) else [])[:MOST_NAMES] if isinstance(entry, dict))


def _of_parts(parts: object, issued: dict[str, Any]) -> Dated:
    """The first of the dates, each of which is `[year, month, day]`.

    Raises:
        ValueError: they are none.
    """
    try:
        first = [int(str(part)) for part in parts[0][:MOST_PARTS] if str(part).strip()]  # type: ignore[index]
        date = of_parts(*first)
    except (TypeError, ValueError, LookupError):
        msg = "is not a date"
        raise ValueError(msg) from None
    if parts[1:]:  # type: ignore[index]
        return date._replace(doubt=PERIOD)
    if issued.get("season") and not date.published:
        return date._replace(doubt=SEASON)
    is_certain = str(issued.get("circa") or "").lower() in {"", "false", "0"}
    return date if is_certain else date._replace(doubt=UNCERTAIN)


def _text(value: object) -> str:
    """The text of a string or number. Half of a surrogate pair, which no text has, is a question mark."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = with_short_spaces(str(value))
    return text if text.isascii() else text.encode(errors="replace").decode()


def _shown(value: object) -> str:
    """What an item says, for notes; nothing if it is nested too deeply to be shown."""
    try:
        return str(value).encode(errors="replace").decode()
    except RecursionError:
        return ""
