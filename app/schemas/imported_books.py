"""A book as described by a file: authors are given by name, and values that cannot be stored are left out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.domain.relator_codes import AUTHOR
from app.schemas.base import Body
from app.schemas.contributors import MOST_CONTRIBUTORS
from app.schemas.fields import (
    Description,
    Genres,
    Pages,
    PublishedDate,
    PublishedYear,
    Relator,
    SeriesPosition,
    Text255,
    Text500,
    WebAddress,
)
from app.schemas.identifiers import Identifiers, Links


class NamedContributor(Body):
    """A person as a file names them.

    Attributes:
        is_main: whether the file says that this is the main author.
    """

    name: Text255
    role: Relator = AUTHOR
    sort_name: Text255 | None = None
    is_main: bool = False


class BookRow(Body):
    """One row of a file. The ISBN is already normalized to thirteen digits, and the language to a tag; or none."""

    title: Text500
    contributors: Annotated[list[NamedContributor], Field(min_length=1, max_length=MOST_CONTRIBUTORS)]
    subtitle: Text500 | None = None
    isbn: str | None = None
    published_year: PublishedYear | None = None
    language: str | None = None
    publisher: Text255 | None = None
    description: Description | None = None
    pages: Pages | None = None
    series: Text500 | None = None
    series_position: SeriesPosition | None = None
    cover_url: WebAddress | None = None
    genres: Genres = Field(default_factory=list)
    sort_title: Text500 | None = None
    published: PublishedDate | None = None
    identifiers: Identifiers = Field(default_factory=list)
    links: Links = Field(default_factory=list)
    call_number: Text255 | None = None
    location: Text255 | None = None

    @property
    def main_author(self) -> NamedContributor:
        """The one whom the file calls so, or the first author; of a book without one, the first contributor."""
        authors = (person for person in self.contributors if person.role == AUTHOR)
        return next((person for person in self.contributors if person.is_main), next(authors, self.contributors[0]))
