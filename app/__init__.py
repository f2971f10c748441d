"""A catalogue of books and authors behind a REST API."""

__version__ = "0.2.0"
"""The version of the release, shown in the OpenAPI document and the welcome page. pyproject.toml reads it from here."""
