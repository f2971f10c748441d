"""The tiers of a list by relevance, which rank how well a record matches."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from app.search.query import All, Either, Term

if TYPE_CHECKING:
    from app.search.query import Expression, WordQuery


class Tier(IntEnum):
    """The tiers, best match first. The values 0 and 1 are avoided, since cursors of earlier releases contain them."""

    TITLE_AS_TYPED = 10
    TITLE = 11
    """The title matches by its letters only."""
    CLOSER_IN_TITLE = 12
    """The title has whole words as typed: with their marks, or without a typo in known words."""
    WORDS_IN_TITLE = 13
    BEGINNING_IN_TITLE = 14
    """As before, with the last word as a prefix."""
    WORDS_ANYWHERE = 15
    BEGINNING_ANYWHERE = 16


class Match(NamedTuple):
    """What a record of a tier has, and what it must not have, since it would be in an earlier tier."""

    required: Expression
    not_in_title: Expression | None = None
    not_anywhere: Expression | None = None


def matches(query: WordQuery) -> dict[Tier, Match]:
    """The tiers that a query can have, best match first. They are disjoint.

    The matches are nested (a record with the exact title has the whole words, and one with whole words has the
    prefixes), so each tier needs to exclude only the widest of the earlier ones.
    """
    whole = query.whole
    typed, title = (All((Either(tuple(map(Term, of))), whole)) if of else None for of in query.titles)
    nearer = [one for one in (title, query.closer) if one is not None]
    nearest = Either(tuple(nearer)) if nearer else None
    found = {
        Tier.TITLE_AS_TYPED: typed and Match(typed),
        Tier.TITLE: title and Match(title, typed),
        Tier.CLOSER_IN_TITLE: query.closer and Match(query.closer, title),
        Tier.WORDS_IN_TITLE: Match(whole, nearest),
        Tier.BEGINNING_IN_TITLE: Match(query.required, whole),
        Tier.WORDS_ANYWHERE: Match(whole, query.required),
        Tier.BEGINNING_ANYWHERE: Match(query.required, query.required, whole),
    }
    beginnings = {Tier.BEGINNING_IN_TITLE, Tier.BEGINNING_ANYWHERE} if query.required == whole else set()
    return {tier: match for tier, match in found.items() if match and tier not in beginnings}
