"""How near a record comes to what was asked for: the tiers of a list by relevance."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from app.search.query import All, Either, Term

if TYPE_CHECKING:
    from app.search.query import Asked, WordQuery


class Tier(IntEnum):
    """The tiers, nearest first. Cursors of earlier releases have 0 and 1, which are none of these."""

    TITLE_AS_TYPED = 10
    TITLE = 11
    """By its letters alone."""
    CLOSER_IN_TITLE = 12
    """The title has whole words as typed: with their marks, or without a slip in those that are known."""
    WORDS_IN_TITLE = 13
    BEGINNING_IN_TITLE = 14
    """As before, where the last word may be a beginning."""
    WORDS_ANYWHERE = 15
    BEGINNING_ANYWHERE = 16


class Match(NamedTuple):
    """What a record of a tier has, and what it has not, since it would be in an earlier tier."""

    asked: Asked
    not_in_title: Asked | None = None
    not_anywhere: Asked | None = None


def matches(query: WordQuery) -> dict[Tier, Match]:
    """The tiers that a query can have, nearest first. No record is in two of them.

    The whole title has the whole words, and what has those has the beginnings: of what is within each other only the
    widest is left out.
    """
    whole = query.whole
    typed, title = (All((Either(tuple(map(Term, of))), whole)) if of else None for of in query.titles)
    nearer = [asked for asked in (title, query.closer) if asked is not None]
    nearest = Either(tuple(nearer)) if nearer else None
    found = {
        Tier.TITLE_AS_TYPED: typed and Match(typed),
        Tier.TITLE: title and Match(title, typed),
        Tier.CLOSER_IN_TITLE: query.closer and Match(query.closer, title),
        Tier.WORDS_IN_TITLE: Match(whole, nearest),
        Tier.BEGINNING_IN_TITLE: Match(query.asked, whole),
        Tier.WORDS_ANYWHERE: Match(whole, query.asked),
        Tier.BEGINNING_ANYWHERE: Match(query.asked, query.asked, whole),
    }
    beginnings = {Tier.BEGINNING_IN_TITLE, Tier.BEGINNING_ANYWHERE} if query.asked == whole else set()
    return {tier: match for tier, match in found.items() if match and tier not in beginnings}
