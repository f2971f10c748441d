"""The tables, one file a resource."""

from app.models.authors import Author
from app.models.base import Base, Record
from app.models.books import Book
from app.models.genres import BookGenre, Genre
from app.models.users import User

__all__ = ["Author", "Base", "Book", "BookGenre", "Genre", "Record", "User"]
