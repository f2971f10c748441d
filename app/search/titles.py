"""Whole titles as words: a title is found by itself before all others, and costs one look-up in the index of words."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from app.domain.names import plain
from app.search.words import NO_APOSTROPHES, RUN

if TYPE_CHECKING:
    from collections.abc import Iterable

TYPED, BARE = "\ue000", "\ue001"
"""What such a word begins with: letters for private use, which no other word has."""
DIGEST = 5
"""Bytes. Two titles with one digest would only be ranked alike, where a search finds both."""


def title_words(title: str) -> list[str]:
    """The words that stand for a whole title: as it is typed, and by its letters alone."""
    return [typed_title(title), bare_title(runs_of(title))]


def typed_title(title: str) -> str:
    """A title with its marks, so that `C#` is not `C++`; case, accents and spaces do not matter."""
    return TYPED + _digest(_folded(title))


def bare_title(runs: Iterable[str]) -> str:
    """A title by its letters alone: `R.U.R.` is `rur`, `Spider-Man` is `spiderman`."""
    return BARE + _digest("".join(runs))


def runs_of(title: str) -> list[str]:
    """The letters of a title; of one that has none, its marks."""
    folded = _folded(title)
    return RUN.findall(folded.translate(NO_APOSTROPHES)) or [folded]


def _folded(title: str) -> str:
    return " ".join(plain(title).split()) or title.strip()


def _digest(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=DIGEST).hexdigest()
