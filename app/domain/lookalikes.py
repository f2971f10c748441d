"""Names that look alike: skeletons of confusable characters (Unicode Technical Standard 39, section 4)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

from app.domain.names import fold, name_key

BIDI_MARK = "\u200e"
"""The library's data has letters that are written from right to left between two of these."""


class Shapes(NamedTuple):
    """How a name looks: two names with a shape in common may be taken for each other."""

    shown: str
    """As it is written: a capital I looks like a small L."""
    folded: str
    """Ignoring case: in small letters, a capital I is an i."""


def shapes(name: str) -> Shapes:
    """The shapes of a name, each of which fits an index."""
    return Shapes(name_key(skeleton(name)), name_key(skeleton(fold(name))))


def skeleton(text: str) -> str:
    """The text with each character replaced by the prototype of those that look like it, without invisible ones."""
    decomposed = unicodedata.normalize("NFD", text)
    prototypes = _prototypes()
    visible = [prototypes.get(letter, letter) for letter in decomposed if unicodedata.category(letter) != "Cf"]
    return unicodedata.normalize("NFD", "".join(visible))


@cache
def _prototypes() -> dict[str, str]:
    """The prototype of each character that has another one."""
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415  (11 MB that few processes need)

    found = {}
    for letter, alike in confusables_data.items():
        prototype = alike[0]["c"]
        pair = len(alike) == 1 and len(confusables_data[prototype]) == 1
        if len(alike) == 1 and not (pair and (len(letter), letter) > (len(prototype), prototype)):
            found[letter.strip(BIDI_MARK)] = prototype.strip(BIDI_MARK)
    return found
