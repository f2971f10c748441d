"""Tolerance of typos: which words are one typo apart, and the variants by which such words are found.

Not rapidfuzz (`OSA` with a cutoff of 1): it is a binary dependency, while `one_typo_apart` is 14 lines.
Not symspellpy: its symmetric-delete index is in memory, while this one is a table of the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.search.words import without_spaces

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST_TOLERANT = 4
"""The least letters of a word in which a typo is tolerated: shorter words are all one typo apart."""
LONGEST_TOLERANT = 24
"""The most letters: longer words are rare, and each letter costs a row."""


def variants(word: str) -> set[str]:
    """The word, and the word without each one of its letters.

    Two words one typo apart (a letter inserted, deleted, replaced, or two transposed) share one of these.
    Source: W. Garbe, symmetric delete spelling correction.
    """
    return {word} | {word[:index] + word[index + 1 :] for index in range(len(word))}


def tolerates_typo(word: str) -> bool:
    """Whether a typo in this word is tolerated."""
    return SHORTEST_TOLERANT <= len(word) <= LONGEST_TOLERANT and not word.isdigit() and not without_spaces(word)


def one_typo_apart(one: str, other: str) -> bool:
    """Whether one inserted, deleted or replaced letter, or two transposed neighbours, turn one word into the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = next((index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    rest, other_rest = one[start:], other[start:]
    if len(one) < len(other):
        return rest == other_rest[1:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == other_rest[1:] or swapped == other_rest


def new_variants(of_words: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a variant and its word, always in the same order, so that concurrent writers cannot deadlock."""
    return sorted((variant, word) for word in of_words for variant in variants(word))
