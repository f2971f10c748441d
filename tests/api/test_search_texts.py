"""Search: any text is one, and none breaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.clean_text import clean_line, require_visible
from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

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
LONGEST_TITLE = 500


def _as_kept(text: str) -> str | None:
    """The title that a text becomes; None for what is refused: control characters, overrides, nothing to see."""
    try:
        return require_visible(clean_line(text, LONGEST_TITLE))
    except ValueError:
        return None


TITLES = [title for text in OPERATORS if (title := _as_kept(text.replace("\0", "")[:LONGEST_TITLE]))]
ANY_TITLE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(_as_kept)


class TestAnyText:
    @pytest.mark.parametrize("sort", ["", "title"])
    def test_is_a_search(self, client: Client, member: Client, make: Factory, sort: str) -> None:
        book = make.book(member, title="Nothing of the kind")
        more = {"sort": sort} if sort else {}
        answers = {text: client.get("/books", params={"q": text, "count": "exact"} | more) for text in OPERATORS}
        assert {text: reply.status_code for text, reply in answers.items()} == dict.fromkeys(OPERATORS, 200)
        assert {str(book["id"]) for reply in answers.values() for book in reply.json()} <= {str(book["id"])}

    @pytest.mark.parametrize("title", TITLES, ids=lambda title: ascii(title)[:20])
    def test_finds_the_book_of_that_title(self, client: Client, member: Client, make: Factory, title: str) -> None:
        book = make.book(member, title=title)
        assert client.get("/books", params={"q": title}).json() == [book]

    @pytest.mark.parametrize("text", ["", " ", "\t\n", "\u3000"])
    def test_of_nothing_is_refused(self, client: Client, text: str) -> None:
        for path in ("/books", "/authors"):
            reply = client.get(path, params={"q": text, "count": "exact"})
            assert refusal(reply) == (400, "invalid_request")
            assert [where for where, _ in faults(reply)] == ["q"]


class TestAnyTitle:
    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(title=ANY_TITLE)
    def test_is_kept_found_by_its_words_and_read_back(
        self, client: Client, member: Client, make: Factory, title: str
    ) -> None:
        book = make.book(member, title=title, author_id=make.author(member, name="J")["id"])
        assert book["title"] == _as_kept(title)
        assert client.get(f"/books/{book['id']}").json() == book
        for q in (title, title.swapcase(), f" {title} "):
            assert book in client.get("/books", params={"q": q, "limit": 200, "sort": "-id"}).json()
        member.delete(f"/books/{book['id']}").raise_for_status()
