"""A catalogue of books and authors behind a REST API."""

__version__ = "0.2.0"
"""Of the release; the OpenAPI document and the welcome say it too. pyproject.toml takes it from here."""
