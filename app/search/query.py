"""A query in words, before any database is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from app.search.words import forgiven, one_slip_apart, query_words, variants, without_spaces

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ALTERNATIVES = 25
"""Words that one misspelt word may stand for."""


class Term(NamedTuple):
    """A word, or the beginning of one."""

    word: str
    beginning: bool = False


Group = list[Term]
"""Terms of which one has to be there."""


@dataclass(frozen=True)
class WordQuery:
    """Groups of terms that have to be there together."""

    groups: list[Group]

    @classmethod
    def of(cls, text: str) -> WordQuery:
        """What a text asks for. The last word may be a beginning, and so may a letter of a script without spaces."""
        asked = query_words(text)
        return cls([[Term(word, word == asked[-1] or _stands_alone(word))] for word in asked])

    @property
    def words(self) -> list[str]:
        """The words as they were asked for."""
        return [group[0].word for group in self.groups]

    def slips(self) -> set[str]:
        """What to look up to find the words that were meant."""
        return {variant for word in self.words if forgiven(word) for variant in variants(word)}

    def forgiving(self, known: Iterable[str]) -> WordQuery:
        """The same, where each word may also be one of the known ones that is one slip apart."""
        known = sorted(set(known))
        return WordQuery([[*group, *_meant(group[0].word, known)] for group in self.groups])


def _meant(word: str, known: list[str]) -> Group:
    if not forgiven(word):
        return []
    near = [Term(other) for other in known if other != word and one_slip_apart(word, other)]
    return near[:MOST_ALTERNATIVES]


def _stands_alone(word: str) -> bool:
    return len(word) == 1 and without_spaces(word)
