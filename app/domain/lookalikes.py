"""Names that look alike: skeletons of confusable characters (Unicode Technical Standard 39, section 4)."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

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
    # Not with the library, which would keep the characters' names too: 11 MB, of which we need one.
    file = resources.files("confusable_homoglyphs") / "confusables.json"
    confusables = json.loads(file.read_text("utf-8"), object_hook=_without_name)
    found = {}
    for letter, alike in confusables.items():
        prototype = alike[0]
        pair = len(alike) == 1 and len(confusables[prototype]) == 1
        if len(alike) == 1 and not (pair and (len(letter), letter) > (len(prototype), prototype)):
            found[letter.strip(BIDI_MARK)] = prototype.strip(BIDI_MARK)
    return found


def _without_name(entry: dict[str, Any]) -> Any:  # noqa: ANN401  (the lists of the file, or a character)
    """The character of an entry, which has its name too; the file itself is such an object of JSON, of lists."""
    return entry["c"] if isinstance(entry.get("c"), str) else entry
