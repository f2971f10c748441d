"""The rules about authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from app.errors import AuthorNotFound
from app.models import Author

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.schemas.authors import AuthorCreate

DOCUMENT_BY_ID = select(Author.document).where(Author.id == bindparam("id"))


class AuthorReader:
    """Authors as ready documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, author_id: int) -> str:
        """One author.

        Raises:
            AuthorNotFound: there is none with that id.
        """
        document = self.connection.scalar(DOCUMENT_BY_ID, {"id": author_id})
        if document is None:
            raise AuthorNotFound
        return document


class AuthorService:
    """Authors as they change."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def create(self, data: AuthorCreate, owner_id: int | None) -> Author:
        """Add an author. Two persons may share a name.

        Raises:
            IdTaken: another author has the id.
        """
        author = Author(**data.model_dump(), created_by=owner_id)
        self.session.add(author)
        self.session.flush()
        return author
