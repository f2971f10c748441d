"""Search: any text is one, and none breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.client import Client
    from tests.factories import Factory

OPERATORS = [
    "AND",
    "OR NOT",
    "emma AND persuasion",
    "emma OR",
    "NOT emma",
    "NEAR(emma persuasion)",
    "emma NEAR/2 persuasion",
    "title : emma",
    "title:emma",
    "emma*",
    "^emma",
    "emma & persuasion",
    "emma | persuasion",
    "!emma",
    "emma <-> persuasion",
    "emma:*",
    "(emma",
    ")",
    '"emma',
    '"',
    '""',
    "'",
    "''; DROP TABLE books; --",
    "emma'",
    "\\",
    "\\'",
    "%",
    "_",
    "%emma%",
    "e_ma",
    "{",
    "+emma",
    "-emma",
    "emma + persuasion",
    "🐈",
    "\0",
    "em\0ma",
    "\ufffd",
    "\u0301",
    "e\u0301" * 500,
    "\u200b\u200d",
    "\u202eamme",
    "x" * 3000,
    "x " * 1500,
    "猫" * 3000,
    "猫 " * 500,
    "ドン・キホーテ",
    "・",
    "\u0e4f \u104a \u17db \u30a0",
    "\u0e33" * 100,
    "1.5e10",
    "a" * 59 + " " + "b" * 60,
]


def _says_something(letter: str) -> bool:
    return not letter.isspace() and letter > "\x1f" and letter != "\x7f"


SEPARATORS = "\0\x1c\x1d\x1e\x1f"
"""A NUL is refused; the other four are white space to Python, and not to Unicode, by which titles are trimmed."""
ANY_LETTER = st.characters(exclude_categories=["Cs"], exclude_characters=SEPARATORS)
ANY_TITLE = st.text(ANY_LETTER, min_size=1, max_size=60).filter(lambda text: any(map(_says_something, text)))
"""A title of nothing but white space and control characters is refused."""


class TestAnyText:
    @pytest.mark.parametrize("sort", ["", "title"])
    def test_is_a_search(self, client: Client, member: Client, make: Factory, sort: str) -> None:
        book = make.book(member, title="Nothing of the kind")
        more = {"sort": sort} if sort else {}
        answers = {text: client.get("/books", params={"q": text, "count": "exact"} | more) for text in OPERATORS}
        assert {text: reply.status_code for text, reply in answers.items()} == dict.fromkeys(OPERATORS, 200)
        assert {str(book["id"]) for reply in answers.values() for book in reply.json()} <= {str(book["id"])}

    @pytest.mark.parametrize("text", OPERATORS, ids=lambda text: ascii(text)[:20])
    def test_finds_the_book_of_that_title(self, client: Client, member: Client, make: Factory, text: str) -> None:
        title = text.replace("\0", "").strip()[:500].strip() or "Emma"
        book = make.book(member, title=title)
        assert client.get("/books", params={"q": title}).json() == [book]

    @pytest.mark.parametrize("text", ["", " ", "\t\n", "\u3000"])
    def test_of_nothing_finds_nothing(self, client: Client, member: Client, make: Factory, text: str) -> None:
        make.book(member)
        reply = client.get("/books", params={"q": text, "count": "exact"})
        assert (reply.json(), reply.headers["X-Total-Count"]) == ([], "0")
        assert client.get("/authors", params={"q": text}).json() == []


class TestAnyTitle:
    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(title=ANY_TITLE)
    def test_is_kept_found_by_its_words_and_read_back(
        self, client: Client, member: Client, make: Factory, title: str
    ) -> None:
        book = make.book(member, title=title, author_id=make.author(member, name="J")["id"])
        assert book["title"] == title.strip()
        assert client.get(f"/books/{book['id']}").json() == book
        for q in (title, title.swapcase(), f" {title} "):
            assert book in client.get("/books", params={"q": q, "limit": 200, "sort": "-id"}).json()
        member.delete(f"/books/{book['id']}").raise_for_status()
