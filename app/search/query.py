"""Search queries, independent of the database."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from app.domain.names import plain
from app.search.titles import bare_title, runs_of, typed_title
from app.search.typos import one_typo_apart, tolerates_typo, variants
from app.search.words import (
    LONGEST_WORD,
    MOST_WORDS,
    marked_words,
    one_word,
    pieces,
    query_words,
    units,
    without_spaces,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MOST_ALTERNATIVES = 25
"""The most corrections of one misspelt word."""
MOST_ALTERNATIVES_OF_ALL = 100
"""The most corrections of all words of a query together. Each costs a look-up, and a catalogue may have thousands of
similar words."""
MOST_TITLES = 50
"""The most corrections of a misspelt title."""


class Term(NamedTuple):
    """A word, or a prefix of one."""

    word: str
    beginning: bool = False


class All(NamedTuple):
    """Requires all of these."""

    of: tuple[Expression, ...]


class Either(NamedTuple):
    """Requires one of these."""

    of: tuple[Expression, ...]


Expression = Term | All | Either
"""What a record must have, in indexed words."""


@dataclass(frozen=True)
class WordQuery:
    """A search query in indexed words: what a record must have, and what ranks it higher."""

    required: All
    titles: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    """The words that stand for whole titles: as typed, and by letters only."""
    runs: tuple[str, ...] = ()
    closer: Expression | None = None
    """A stricter match of what was typed, which is not required."""

    @classmethod
    def of(cls, text: str) -> WordQuery:
        """The query of a text. The last word is a prefix, and so is a single letter of a script without spaces."""
        words = query_words(text)
        if not words:
            return cls(All(()))
        runs = tuple(runs_of(text))
        parts = _parts(_last(units(plain(text)))) or [Term(word) for word in words]
        parts = list(dict.fromkeys(parts))[-MOST_WORDS:]
        marked = tuple(map(Term, dict.fromkeys(marked_words(plain(text))[-MOST_WORDS:])))
        return cls(
            All((*parts[:-1], _begun(parts[-1]))),
            ((typed_title(text),), (bare_title(runs),)),
            runs,
            All((*parts, *marked)) if marked else None,
        )

    @property
    def words(self) -> set[str]:
        """The words of the query."""
        return {term.word for term in _terms(self.required)}

    @property
    def terms(self) -> int:
        """How many words it asks for, alternatives included."""
        return len(list(_terms(self.required)))

    @property
    def whole(self) -> Expression:
        """The same query with whole words only."""
        return _replaced(self.required, lambda term: Term(term.word, beginning=_stands_alone(term.word)))

    def typos(self) -> set[str]:
        """The variants to look up in order to find the intended words."""
        return {variant for word in self.words if tolerates_typo(word) for variant in variants(word)}

    def forgiving(self, known: Iterable[str]) -> WordQuery:
        """The same query, where each word also matches the known words one typo apart.

        Records that have the known words as typed rank higher.
        """
        known = set(known)
        by_variant = self._by_variant(known)
        runs = self.runs if len(self.runs) <= MOST_WORDS else ()
        words = self.words | set(runs)
        at_most = min(MOST_ALTERNATIVES, MOST_ALTERNATIVES_OF_ALL // max(len(words), 1))
        meant = {word: _meant(word, by_variant)[:at_most] for word in words}

        def near(term: Term) -> Expression:
            return Either((term, *map(Term, meant[term.word]))) if meant[term.word] else term

        def near_to_unknown(term: Term) -> Expression:
            return term if term.word in known else near(term)

        titles = islice(product(*([run, *meant[run]] for run in runs)), MOST_TITLES) if runs else ()
        return replace(
            self,
            required=All(tuple(_replaced(part, near) for part in self.required.of)),
            titles=((), tuple(dict.fromkeys(map(bare_title, titles)))),
            closer=_replaced(self.whole, near_to_unknown),
        )

    def _by_variant(self, known: Iterable[str]) -> dict[str, list[str]]:
        """Known words by the variants that they share with words of the query: each is compared with few others."""
        typos = self.typos()
        found: dict[str, list[str]] = defaultdict(list)
        for word in known:
            for variant in variants(word) & typos:
                found[variant].append(word)
        return found


def _last(of_text: list[list[str]]) -> list[list[str]]:
    """The last units of a text, up to `MOST_WORDS` runs of letters; a unit of initials has a run for each."""
    kept: list[list[str]] = []
    left = MOST_WORDS
    for runs in reversed(of_text):
        if not left:
            break
        kept.insert(0, runs[-left:])
        left -= len(kept[0])
    return kept


def _parts(of_text: list[list[str]]) -> list[Expression]:
    """The parts of a query. Two words, initials and hyphenated words are also searched as one word."""
    single = [runs[0] for runs in of_text if len(runs) == 1 and not without_spaces(runs[0])]
    if len(single) == len(of_text) == 2 and single[0] != single[1]:  # noqa: PLR2004  (two words)
        return [_together(single)]
    return [part for runs in of_text for part in ([_together(runs)] if len(runs) > 1 else _pieces(runs[0]))]


def _together(runs: list[str]) -> Expression:
    return Either((All(tuple(Term(run[:LONGEST_WORD]) for run in runs)), Term(one_word(runs))))


def _pieces(run: str) -> list[Expression]:
    return [Term(piece, beginning=_stands_alone(piece)) for piece in pieces(run)]


def _begun(part: Expression) -> Expression:
    """The same, with the last word as a prefix."""
    match part:
        case Term(word):
            return Term(word, beginning=True)
        case All(of):
            return All((*of[:-1], _begun(of[-1])))
        case Either(of):
            return Either(tuple(map(_begun, of)))


def _replaced(part: Expression, change: Callable[[Term], Expression]) -> Expression:
    match part:
        case Term():
            return change(part)
        case All(of):
            return All(tuple(_replaced(each, change) for each in of))
        case Either(of):
            return Either(tuple(_replaced(each, change) for each in of))


def _terms(part: Expression) -> Iterable[Term]:
    return [part] if isinstance(part, Term) else [term for each in part.of for term in _terms(each)]


def _meant(word: str, by_variant: Mapping[str, list[str]]) -> list[str]:
    if not tolerates_typo(word):
        return []
    shared = {other for variant in variants(word) for other in by_variant.get(variant, ())} - {word}
    return sorted(other for other in shared if one_typo_apart(word, other))


def _stands_alone(word: str) -> bool:
    return len(word) == 1 and without_spaces(word)
