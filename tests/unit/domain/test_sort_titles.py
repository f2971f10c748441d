"""Sort titles: without the article of the book's language."""

from __future__ import annotations

import pytest

from app.domain.sort_titles import sort_title_of

FILED = [
    ("The Great Gatsby", "en", "Great Gatsby, The"),
    ("the great gatsby", "en-US", "great gatsby, the"),
    ("A Room of One's Own", "en", "Room of One's Own, A"),
    ("Der Prozess", "de-AT", "Prozess, Der"),
    ("L'Étranger", "fr", "Étranger, L'"),
    ("L\u2019Étranger", "fr", "Étranger, L\u2019"),
    ("Les Misérables", "fr", "Misérables, Les"),
    ("El ingenioso hidalgo", "es", "ingenioso hidalgo, El"),
    ("Un'altra vita", "it", "altra vita, Un'"),
    ("Het Achterhuis", "nl", "Achterhuis, Het"),
    ("'t Hooge nest", "nl", "Hooge nest, 't"),
    ("Az ember tragédiája", "hu", "ember tragédiája, Az"),
    ("Ο Καπετάν Μιχάλης", "el", "Καπετάν Μιχάλης, Ο"),  # noqa: RUF001  (Greek)
    ("al-Qanun", "ar-Latn", "Qanun, al-"),
    ("Et dukkehjem", "nb", "dukkehjem, Et"),
]
KEPT = [
    ("Die Hard", "en"),
    ("The Great Gatsby", None),
    ("The Great Gatsby", "fr"),
    ("The", "en"),
    ("A ", "en"),
    ("Theory", "en"),
    ("A-Z", "en"),
    ("L'", "fr"),
    ("The " + "x" * 496, "en"),
    ("吾輩は猫である", "ja"),
    ("La", "it"),
]


class TestSortTitle:
    @pytest.mark.parametrize(("title", "language", "filed"), FILED)
    def test_has_the_article_last(self, title: str, language: str, filed: str) -> None:
        assert sort_title_of(title, language) == filed

    @pytest.mark.parametrize(("title", "language"), KEPT)
    def test_is_the_title_where_it_has_none(self, title: str, language: str | None) -> None:
        assert sort_title_of(title, language) == title
