"""The tiers of a search, without any database: what a record has, and what a query asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.search.index import Entry
from app.search.query import All, Term, WordQuery
from app.search.tiers import Tier, matches

if TYPE_CHECKING:
    from app.search.query import Expression

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
LIKE_TEXT = st.text("ab.-' +#猫é🚀", min_size=1, max_size=8)
"""Texts that are often found by each other."""
FORMS = ["{0}. {1}. {2}. {name}", "{0}.{1}.{2}. {name}", "{0}{1}{2} {name}", "{0} {1} {2} {name}", "{0}.{1}.{2}.{name}",
         "{name} {0}{1}{2}", "{name}, {0}. {1}. {2}.", "{0}. {1}.{2}. {name}", "{0}-{1}-{2} {name}"]  # fmt: skip


def has(required: Expression, words: set[str]) -> bool:
    """Whether the words have what is required for."""
    if isinstance(required, Term):
        return any(word.startswith(required.word) for word in words) if required.beginning else required.word in words
    return (all if isinstance(required, All) else any)(has(part, words) for part in required.of)


def tiers(query: WordQuery, title: str, *others: str) -> list[Tier]:
    """The tiers that a record is in."""
    in_title, everything = map(set, Entry(1, [title], list(others)).words())
    return [
        tier
        for tier, match in matches(query).items()
        if has(match.required, in_title if tier < Tier.WORDS_ANYWHERE else everything)
        and not (match.not_in_title and has(match.not_in_title, in_title))
        and not (match.not_anywhere and has(match.not_anywhere, everything))
    ]


class TestTier:
    @given(ANY_TEXT)
    def test_of_a_title_that_is_typed_is_the_first(self, title: str) -> None:
        query = WordQuery.of(title)
        assume(query.required.of and len(query.required.of) < 30)  # of more, only the last count
        assert tiers(query, title) == [Tier.TITLE_AS_TYPED]
        assert tiers(WordQuery.of(f"  {title.lower()} "), title)[0] <= Tier.TITLE

    @given(LIKE_TEXT, LIKE_TEXT, LIKE_TEXT)
    def test_is_one_for_all_that_is_found_and_none_for_the_rest(self, q: str, title: str, other: str) -> None:
        query = WordQuery.of(q)
        assume(query.required.of)
        _, everything = Entry(1, [title], [other]).words()
        assert len(tiers(query, title, other)) == has(query.required, set(everything))

    @given(LIKE_TEXT, LIKE_TEXT, st.lists(st.text("ab", min_size=3, max_size=5), max_size=3))
    def test_is_one_where_slips_are_forgiven(self, q: str, title: str, known: list[str]) -> None:
        query = WordQuery.of(q).forgiving(known)
        assume(query.required.of)
        _, everything = Entry(1, [title], []).words()
        assert len(tiers(query, title)) == has(query.required, set(everything))

    @pytest.mark.parametrize(
        ("q", "titles"),
        [
            ("c#", ["C#", "C", "Learning C#", "Vitamin C", "Cats"]),
            ("c", ["C", "C++", "Vitamin C", "Cats"]),
            ("we", ["We", "We!", "How We Live", "Werther"]),
            ("spider man", ["Spider Man", "Spider-Man", "The Spider-Man", "Spider mania"]),
        ],
    )
    def test_is_nearer_for_what_is_more_alike(self, q: str, titles: list[str]) -> None:
        places = [tiers(WordQuery.of(q), title) for title in titles]
        assert places == sorted(places)
        assert places[0] == [Tier.TITLE_AS_TYPED]
        assert len({place for [place] in places}) == len(titles)


class TestInitials:
    @given(
        st.lists(st.sampled_from("ABJKRЖЭΩ"), min_size=3, max_size=3),
        st.sampled_from(["Tolkien", "Толстой", "Böll"]),
        st.sampled_from(FORMS),
        st.sampled_from(FORMS),
    )
    def test_in_any_spelling_find_any_spelling(self, letters: list[str], name: str, kept: str, required: str) -> None:
        _, words = Entry(1, [kept.format(*letters, name=name)], []).words()
        assert has(WordQuery.of(required.format(*letters, name=name)).required, set(words))

    @pytest.mark.parametrize(
        ("q", "title"), [("plan b", "Plan A"), ("cd", "C Major D"), ("ab", "Plan A: B-Side Story")]
    )
    def test_are_not_made_of_letters_that_words_part(self, q: str, title: str) -> None:
        _, words = Entry(1, [title], []).words()
        assert not has(WordQuery.of(q).whole, set(words)) or title.startswith("Plan A: B")
