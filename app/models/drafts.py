"""Books and authors in memory: what a write prepares before it touches a table, for one record or for a thousand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from app.domain.names import name_key
from app.domain.sort_keys import person_key
from app.domain.sort_names import sort_name_of
from app.domain.sort_titles import sort_title_of
from app.models.authors import Author
from app.models.base import start_version
from app.models.books import KEYS, Book
from app.schemas.authors import AuthorReply
from app.schemas.books import BookReply

if TYPE_CHECKING:
    from collections.abc import Iterable


class NamedGenre(NamedTuple):
    """A genre, in the spelling that was used first."""

    id: int
    name: str


class Part(NamedTuple):
    """A contribution: who, by which name, and in which role."""

    author_id: int
    name: str
    role: str


@dataclass(slots=True, kw_only=True)
class BookDraft:
    """A book that is created, or that is loaded for a change.

    Not the mapped class: SQLAlchemy takes a millisecond to track and write one such object with its contributors and
    genres, and one statement for each. `id` is 0 until there is one.
    """

    title: str
    subtitle: str | None = None
    author_id: int = 0
    isbn: str | None = None
    published_year: int | None = None
    language: str | None = None
    publisher: str | None = None
    description: str | None = None
    pages: int | None = None
    series: str | None = None
    series_position: float | None = None
    cover_url: str | None = None
    sort_title: str = ""
    published: str | None = None
    identifiers: list[dict[str, str]] = field(default_factory=list)
    links: list[dict[str, str | None]] = field(default_factory=list)
    call_number: str | None = None
    location: str | None = None
    created_by: int | None = None
    contributors: list[Part] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)
    genre_ids: list[int] = field(default_factory=list)
    id: int = 0
    version: int = 1
    created_at: datetime
    updated_at: datetime
    updated_by: int | None = None
    document: str = ""
    before: BookDraft | None = None
    """What the tables say of a book that is loaded; None if it is new."""

    def __post_init__(self) -> None:
        """Derive the sort title, unless it is given."""
        self.sort_title = self.sort_title or sort_title_of(self.title, self.language)

    @classmethod
    def new(cls, owner_id: int | None, **fields: Any) -> BookDraft:  # noqa: ANN401  (of every type)
        """A book that a user adds now."""
        now = datetime.now(UTC)
        return cls(created_by=owner_id, updated_by=owner_id, created_at=now, updated_at=now, **fields)

    def set_genres(self, genres: Iterable[NamedGenre]) -> None:
        """Replace the genres, in this order."""
        self.genre_ids, self.genres = [], []
        for genre in genres:
            self.genre_ids.append(genre.id)
            self.genres.append(genre.name)

    def write_document(self) -> None:
        """Update the document from the fields."""
        self.document = BookReply.model_validate(self, from_attributes=True).model_dump_json()

    def touch_by(self, editor_id: int | None) -> None:
        """Start a new version by this user if the document has changed; None: by a command of the operator's."""
        if self.touch():
            self.updated_by = editor_id
            self.write_document()

    def touch(self) -> bool:
        """The same for a consequence of another change: `updated_by` stays. Returns: whether it has changed."""
        return start_version(self)

    def row(self) -> dict[str, Any]:
        """The row of the table."""
        row = dict(zip(FIELDS, _values(self), strict=True))
        for name, (source, key_of) in KEYS.items():
            row[name] = None if row[source] is None else key_of(row[source])
        return row


@dataclass(slots=True, kw_only=True)
class AuthorDraft:
    """An author whom a book or an import brings. Not the mapped class, as for books."""

    id: int
    name: str
    sort_name: str
    bio: str | None = None
    country: str | None = None
    birth_year: int | None = None
    death_year: int | None = None
    aliases: list[str] = field(default_factory=list)
    identifiers: list[dict[str, str]] = field(default_factory=list)
    created_by: int | None
    version: int = 1
    created_at: datetime
    updated_at: datetime
    updated_by: int | None
    document: str = ""

    @classmethod
    def new(
        cls,
        author_id: int,
        name: str,
        sort_name: str | None,
        owner_id: int | None,
        **fields: Any,  # noqa: ANN401  (of every type)
    ) -> AuthorDraft:
        """An author who is added now, with the document."""
        now = datetime.now(UTC)
        author = cls(
            id=author_id,
            name=name,
            sort_name=sort_name or sort_name_of(name),
            created_by=owner_id,
            created_at=now,
            updated_at=now,
            updated_by=owner_id,
            **fields,
        )
        author.document = AuthorReply.model_validate(author, from_attributes=True).model_dump_json()
        return author

    def row(self) -> dict[str, Any]:
        """The row of the table."""
        row = dict(zip(AUTHOR_FIELDS, _author_values(self), strict=True))
        row["name_key"], row["sort_key"] = name_key(self.name), person_key(self.sort_name)
        return row


FIELDS = tuple(column.name for column in Book.__table__.c if column.name not in KEYS)
"""The columns of books that are fields of a draft."""
AUTHOR_FIELDS = tuple(column.name for column in Author.__table__.c if column.name not in {"name_key", "sort_key"})
"""The same of authors."""
_values, _author_values = attrgetter(*FIELDS), attrgetter(*AUTHOR_FIELDS)
