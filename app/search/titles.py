"""Whole titles as words, so that an exact title ranks first at the cost of one look-up in the index of words."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from app.domain.names import plain
from app.search.words import NO_APOSTROPHES, RUN

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPED, BARE = "\ue000", "\ue001"
"""The first letter of such a word, from the private use area, so that no other word has it."""
DIGEST = 5
"""In bytes. Two titles with the same digest would only be ranked alike if a search finds both."""


@lru_cache(maxsize=2_048)
def title_words(title: str) -> tuple[str, str]:
    """The words that stand for a whole title: as typed, and by its letters only."""
    folded = _folded(title)
    return TYPED + _digest(folded), bare_title(_runs(folded))


def typed_title(title: str) -> str:
    """A title with its marks, so that `C#` is not `C++`, ignoring case, accents and spaces."""
    return TYPED + _digest(_folded(title))


def bare_title(runs: Iterable[str]) -> str:
    """A title by its letters only: `R.U.R.` is `rur`, `Spider-Man` is `spiderman`."""
    return BARE + _digest("".join(runs))


def runs_of(title: str) -> list[str]:
    """The letters of a title, or its marks if it has no letters."""
    return _runs(_folded(title))


def _runs(folded: str) -> list[str]:
    return RUN.findall(folded.translate(NO_APOSTROPHES)) or [folded]


def _folded(title: str) -> str:
    return " ".join(plain(title).split()) or title.strip()


def _digest(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=DIGEST).hexdigest()
