"""Contributors whose authors have had very many names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.domain.clean_text import composed
from app.domain.relator_codes import RELATORS
from app.errors import InvalidRequest
from app.models import Author, FormerName
from app.models.drafts import BookDraft
from app.schemas.books import BookCreate
from app.services import contributors
from app.services.contributors import People

if TYPE_CHECKING:
    from app.database import Database

NAMES, PARTS = 100, 50


def test_are_not_compared_with_each_former_name(own_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def noted(text: str) -> str:
        compared.append(text)
        return composed(text)

    monkeypatch.setattr(contributors, "composed", noted)
    with own_database.transaction() as db:
        author = Author(name="Čapek")
        db.add(author)
        db.flush()
        db.add_all([FormerName(author_id=author.id, name=f"Čapek {number}") for number in range(NAMES)])
        db.flush()
        given = [{"author_id": author.id, "name": "Ćapek", "role": role} for role in sorted(RELATORS)[:PARTS]]
        book = BookCreate.model_validate({"title": "R. U. R.", "contributors": given})
        people = People(db)
        people.know({author.id: author.name}, [book])
        with pytest.raises(InvalidRequest) as refused:
            people.contribute(BookDraft.new(None, title="R. U. R."), book)
    assert len(refused.value.faults) == PARTS
    assert len(compared) == NAMES + PARTS
