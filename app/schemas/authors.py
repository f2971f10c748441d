"""Schemas of authors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import MISSING, AfterValidator, BeforeValidator, Field

from app.schemas.base import Body, ClientSuppliedId, Integer, RecordId, Reply, ShortText, WriteResult, example
from app.schemas.books import EMMA_REPLY, BookReply
from app.schemas.fields import EARLIEST_YEAR, Description, Text255, counted_first, null_to_empty_list, without_repeats
from app.schemas.identifiers import GivenPersonIdentifiers, IdentifierReply
from app.schemas.read_only import LastEditor, RecordChanges

AUSTEN: dict[str, Any] = {
    "name": "Jane Austen",
    "bio": "English novelist.",
    "country": "England",
    "birth_year": 1775,
    "death_year": 1817,
}
AUSTEN_REPLY: dict[str, Any] = {
    "id": 1,
    "name": "Jane Austen",
    "sort_name": "Austen, Jane",
    "bio": "English novelist.",
    "country": "England",
    "birth_year": 1775,
    "death_year": 1817,
    "aliases": ["A Lady"],
    "identifiers": [{"type": "viaf", "value": "102333412"}],
    "created_at": "2026-11-22T10:00:00Z",
    "updated_at": "2026-11-22T10:00:00Z",
    "updated_by": 1,
    "version": 1,
}

Country = Annotated[str, ShortText(100, may_be_empty=True)]
MOST_ALIASES = 50
Aliases = Annotated[
    list[Text255],
    counted_first(MOST_ALIASES),
    AfterValidator(without_repeats),
    Field(max_length=MOST_ALIASES, description="Other names, such as pseudonyms and names in other scripts."),
]
GivenAliases = Annotated[Aliases, BeforeValidator(null_to_empty_list, json_schema_input_type=Aliases | None)]
LifeYear = Annotated[int, Field(ge=EARLIEST_YEAR, le=9999, description="A year; negative is BCE."), Integer]


class AuthorCreate(Body):
    """A new author."""

    model_config = example(AUSTEN)

    id: ClientSuppliedId | None = None
    name: Text255
    sort_name: Annotated[
        Text255 | None,
        Field(description="The name to file under; derived from `name` if omitted."),
    ] = None
    bio: Description | None = None
    country: Country | None = None
    birth_year: LifeYear | None = None
    death_year: LifeYear | None = None
    aliases: GivenAliases = Field(default_factory=list)
    identifiers: GivenPersonIdentifiers = Field(default_factory=list)


class AuthorUpdate(RecordChanges):
    """The fields of an author to change, at least one. `null` clears an optional field."""

    model_config = example({"country": "United Kingdom"}, minProperties=1)

    name: Text255 | MISSING = MISSING
    sort_name: Annotated[
        Text255 | MISSING | None,
        Field(
            description="`null`: derive it from `name`. If only `name` changes, a derived sort name is derived again."
        ),
    ] = MISSING
    bio: Description | MISSING | None = MISSING
    country: Country | MISSING | None = MISSING
    birth_year: LifeYear | MISSING | None = MISSING
    death_year: LifeYear | MISSING | None = MISSING
    aliases: GivenAliases | MISSING = MISSING
    identifiers: GivenPersonIdentifiers | MISSING = MISSING


class AuthorReply(Reply):
    """An author."""

    model_config = example(AUSTEN_REPLY)

    id: RecordId
    name: str
    sort_name: str
    bio: str | None
    country: str | None
    birth_year: int | None
    death_year: int | None
    aliases: list[str]
    identifiers: list[IdentifierReply]
    created_at: datetime
    updated_at: datetime
    updated_by: LastEditor
    version: Annotated[int, Field(ge=1, description="Increases with every change.")]


class AuthorDone(AuthorReply, WriteResult):
    """The author after a successful write."""

    model_config = example({**AUSTEN_REPLY, "status": "success", "message": "author 'Jane Austen' created"})


class AuthorBooks(Reply):
    """An author, and a page of the books to which the author contributed."""

    model_config = example({"status": "success", "author": AUSTEN_REPLY, "books": [EMMA_REPLY]})

    status: Literal["success"]
    author: AuthorReply
    books: list[BookReply]
