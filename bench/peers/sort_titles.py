"""The title under which a book is filed. Articles are those of English only: `make bench` adds no other books."""

from __future__ import annotations

ARTICLES = ("a", "an", "the")


def sort_title_of(title: str, language: str | None) -> str:
    """The sort title: `The Great Gatsby` is filed as `Great Gatsby, The`."""
    article, _, rest = title.partition(" ")
    is_filed = (language or "").partition("-")[0] == "en" and article.lower() in ARTICLES and rest
    return f"{rest}, {article}" if is_filed else title
