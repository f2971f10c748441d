"""The tables, one file a resource."""

from app.models.authors import Author
from app.models.base import Base, Record
from app.models.books import Book
from app.models.contributors import Contributor
from app.models.genres import BookGenre, Genre
from app.models.search import SearchWord
from app.models.users import User

__all__ = ["Author", "Base", "Book", "BookGenre", "Contributor", "Genre", "Record", "SearchWord", "User"]
