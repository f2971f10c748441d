"""A catalogue of books and authors behind a REST API."""

__version__ = "0.1.0"
