"""Documents of books, as the catalogue stores them, and what a file with them says when it is read again."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from app.domain.names import name_key
from app.domain.relator_codes import RELATORS
from app.models.drafts import BookDraft, Part
from app.schemas.imported_books import BookRow
from app.transfer.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.transfer.rows import Row

TEXTS = st.text(
    st.one_of(st.sampled_from("ab Z9.,;|\\'\"=+-@#é\u2013中\u00a0\u05d0"), st.characters(codec="utf-8")), max_size=30
)


def document_of(book: BookRow, **server: Any) -> str:
    """The document that the catalogue would have of a book; the ids of people are their places."""
    names = list(dict.fromkeys(one.name for one in book.contributors))
    fields = book.model_dump(exclude={"contributors"})
    fields["sort_title"] = fields["sort_title"] or ""
    draft = BookDraft.new(
        7,
        contributors=[Part(names.index(one.name) + 1, one.name, one.role) for one in book.contributors],
        author_id=names.index(book.main_author.name) + 1,
        **fields,
    )
    draft.id = 1
    for name, value in server.items():
        setattr(draft, name, value)
    draft.write_document()
    return draft.document


def file_of(name: str, *documents: str) -> bytes:
    """A file of that format with these books."""
    its = FORMATS[name]
    assert its.write is not None
    return its.before + its.between.join(map(its.write, documents)) + its.after


def read_back(name: str, content: bytes) -> list[Row]:
    """The rows of a file."""
    read = FORMATS[name].read
    assert read is not None
    return list(read(BytesIO(content), None, None))


def comparable(book: BookRow) -> dict[str, Any]:
    """What a book says, regardless of how its main author is marked."""
    fields = book.model_dump(exclude={"contributors": {"__all__": {"is_main", "sort_name"}}})
    return fields | {"main_author": book.main_author.name}


def _december(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04d}-12"


@st.composite
def books(draw: st.DrawFn) -> BookRow:
    """A book with any values that the catalogue takes."""

    def line(name: str, shape: Callable[[str], Any] = str) -> st.SearchStrategy[str]:
        """Texts that a field takes; in place of others, one that is hard to write in a cell."""

        def or_hard(text: str) -> str:
            row = {"title": "Emma", "contributors": [{"name": "Jane Austen"}]} | {name: shape(text)}
            try:
                BookRow.model_validate(row)
            except ValueError:
                return "'=x|;\\"
            return text.strip()

        return TEXTS.map(or_hard).filter(bool)

    def optional(name: str) -> st.SearchStrategy[str | None]:
        return st.none() | line(name)

    names = line("publisher")
    genres = st.lists(line("genres", lambda name: [name]), max_size=4, unique_by=name_key)
    people = st.lists(
        st.tuples(names, st.sampled_from(sorted(RELATORS))),
        min_size=1,
        max_size=4,
        unique_by=lambda one: name_key(one[0]),
    )
    link = st.fixed_dictionaries(
        {
            "rel": st.sampled_from(["read", "https://rel.example/a;b|c"]),
            "href": st.sampled_from(["https://a.example/?q=1;2|3\\4", "http://b.example/"]),
            "type": st.sampled_from([None, "text/html"]),
            "title": st.none() | names,
        }
    )
    identifier = st.fixed_dictionaries({"type": st.just("other"), "value": names})
    year = draw(st.none() | st.integers(-5000, 2026))
    contributors: list[dict[str, Any]] = [{"name": name, "role": role} for name, role in draw(people)]
    draw(st.sampled_from(contributors))["is_main"] = True
    return BookRow.model_validate(
        {
            "title": draw(line("title")),
            "contributors": contributors,
            "subtitle": draw(optional("subtitle")),
            "isbn": draw(st.sampled_from([None, "9780141439587"])),
            "published_year": year,
            "published": draw(st.sampled_from([None, f"{year:05d}"[-5 if year < 0 else 1 :] + "-12"]))
            if year
            else None,
            "language": draw(st.sampled_from([None, "en", "pt-BR"])),
            "publisher": draw(optional("publisher")),
            "description": draw(optional("description") | st.sampled_from(["\n" * 9999 + "x", " a\n\n=1 "])),
            "pages": draw(st.none() | st.integers(1, 100_000)),
            "series": draw(optional("series")),
            "series_position": draw(st.none() | st.floats(-1_000_000, 1_000_000)),
            "cover_url": draw(st.sampled_from([None, "https://covers.example/1;2.jpg"])),
            "genres": draw(genres),
            "sort_title": draw(optional("sort_title")),
            "identifiers": draw(st.lists(identifier, max_size=3)),
            "links": draw(st.lists(link, max_size=3)),
            "call_number": draw(optional("call_number")),
            "location": draw(optional("location")),
        }
    )
