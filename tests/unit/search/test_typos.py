"""Typos: when two words are nearly one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.search.typos import new_variants, one_typo_apart, tolerates_typo, variants

LETTERS = "abc"
SHORT_WORDS = ["".join(letters) for length in range(5) for letters in product(LETTERS, repeat=length)]
ANY_WORD = st.text("abcd", min_size=1, max_size=8)


def typos(word: str) -> set[str]:
    """All that one typo makes of a word: brute force."""
    places = range(len(word) + 1)
    fewer = {word[:place] + word[place + 1 :] for place in places}
    more = {word[:place] + letter + word[place:] for place in places for letter in LETTERS}
    other = {word[:place] + letter + word[place + 1 :] for place in places[:-1] for letter in LETTERS}
    swapped = {word[:place] + word[place + 1] + word[place] + word[place + 2 :] for place in places[:-2]}
    return fewer | more | other | swapped


class TestTypo:
    def test_is_what_brute_force_says(self) -> None:
        some = SHORT_WORDS[::3]
        wrong = [
            (one, other)
            for one in some
            for other in SHORT_WORDS
            if one != other and one_typo_apart(one, other) != (other in typos(one))
        ]
        assert wrong == []

    @given(ANY_WORD, ANY_WORD)
    def test_is_the_same_both_ways_and_shares_a_variant(self, one: str, other: str) -> None:
        assume(one != other)
        assert one_typo_apart(one, other) == one_typo_apart(other, one)
        assert not one_typo_apart(one, other) or variants(one) & variants(other)

    @pytest.mark.parametrize(
        ("word", "whether"), [("emma", True), ("emm", False), ("1984", False), ("197x", True), ("紅樓", False)]
    )
    def test_is_tolerated_in_words_of_some_length(self, word: str, whether: bool) -> None:  # noqa: FBT001
        assert tolerates_typo(word) is whether

    def test_of_a_word_are_it_and_it_without_each_letter(self) -> None:
        assert variants("emma") == {"emma", "mma", "ema", "emm"}
        assert new_variants(["ab"]) == [("a", "ab"), ("ab", "ab"), ("b", "ab")]
