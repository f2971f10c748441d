"""Merge patches of books and authors (RFC 7396)."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import MISSING

from app.mergepatch import merge_patch
from app.schemas.base import Body, shown
from app.schemas.books import BookUpdate
from app.schemas.fields import Genres

U = TypeVar("U", bound=Body)


class BookPatch(BookUpdate):
    """What is to be different about a book. `null` takes a field away, where a book can be without it."""

    model_config = shown({"published_year": None, "genres": ["Fiction"]}, minProperties=1)

    genres: Genres | MISSING | None = MISSING  # type: ignore[assignment]  # wider than in a PUT


WITHOUT: dict[str, Any] = {"genres": []}
"""What a record has that is without a field; `null`, where nothing else is said here."""


def patched(record: dict[str, Any], patch: Body, update: type[U]) -> U:
    """The changes that a patch makes to a record, which is given as readers see it."""
    named = patch.model_dump(exclude_unset=True)
    merged = merge_patch(record, named)
    return update.model_validate({name: merged.get(name, WITHOUT.get(name)) for name in named})
