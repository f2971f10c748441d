"""Which book of the catalogue the book of a row is, where thousands have the same title."""

from __future__ import annotations

import pytest

from app.domain.relator_codes import AUTHOR
from app.models.drafts import BookDraft, Part
from app.schemas.imported_books import BookRow
from app.services.imports import matching
from app.services.imports.matching import Known, KnownBooks

TWINS = 50
ZOLA = Part(1, "Émile Zola", AUTHOR)


def known(number: int, subtitle: str | None = None) -> Known:
    draft = BookDraft.new(None, title="Nana", subtitle=subtitle, author_id=ZOLA.author_id)
    draft.id, draft.contributors = number, [ZOLA]
    return Known(draft)


def test_no_more_than_two_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    agree = matching.subtitles_agree

    def noted(one: Known, row: BookRow) -> bool:
        compared.append(one.draft.id)
        return agree(one, row)

    monkeypatch.setattr(matching, "subtitles_agree", noted)
    books = KnownBooks()
    for number in range(1, TWINS + 1):
        books.add(known(number))
    row = BookRow.model_validate({"title": "NANA", "contributors": [{"name": "Zola"}]})
    assert [one.draft.id for one in books.twins(row, ZOLA)] == compared == [1, 2]


def test_the_oldest_two_that_agree_are_found() -> None:
    books = KnownBooks()
    for number, subtitle in enumerate(("A novel", "A play", None, "A play"), 1):
        books.add(known(number, subtitle))
    row = BookRow.model_validate({"title": "Nana", "subtitle": "A PLAY", "contributors": [{"name": "Zola"}]})
    assert [one.draft.id for one in books.twins(row, ZOLA)] == [2, 3]


def test_a_book_that_is_added_again_is_one() -> None:
    books, one = KnownBooks(), known(1)
    books.add(one)
    books.add(one)
    row = BookRow.model_validate({"title": "Nana", "contributors": [{"name": "Zola"}]})
    assert books.twins(row, ZOLA) == [one]
