"""The table of usernames that are to be taken for another one: each must be refused at registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Disguise = Callable[[str], str]

TAKEN, CONFUSABLE, INVALID = (409, "username_taken"), (409, "username_confusable"), (400, "invalid_request")


def _within(character: str) -> Disguise:
    """The name with this character in its middle."""
    return lambda name: f"{name[:3]}{character}{name[3:]}"


LOOKALIKES: dict[str, tuple[Disguise, tuple[int, str]]] = {
    "in capitals": (str.upper, TAKEN),
    "with a space after it": (lambda name: f"{name} ", TAKEN),
    "in fullwidth letters": (lambda name: "".join(chr(ord(letter) + 0xFEE0) for letter in name), TAKEN),
    "a Cyrillic letter": (lambda name: name.replace("a", "\N{CYRILLIC SMALL LETTER A}"), CONFUSABLE),
    "a Greek letter": (lambda name: name.replace("o", "\N{GREEK SMALL LETTER OMICRON}"), CONFUSABLE),
    "a capital I for an l": (lambda name: name.replace("l", "I"), CONFUSABLE),
    "a digit for an l": (lambda name: name.replace("l", "1"), CONFUSABLE),
    "a mathematical letter": (lambda name: name.replace("p", "\N{MATHEMATICAL BOLD SMALL P}"), TAKEN),
}

INVISIBLE: dict[str, Disguise] = {
    "a zero-width space": _within("\N{ZERO WIDTH SPACE}"),
    "a zero-width joiner": _within("\N{ZERO WIDTH JOINER}"),
    "a word joiner": _within("\N{WORD JOINER}"),
    "a byte order mark": _within("\N{ZERO WIDTH NO-BREAK SPACE}"),
    "a soft hyphen": _within("\N{SOFT HYPHEN}"),
    "a combining grapheme joiner": _within("\N{COMBINING GRAPHEME JOINER}"),
    "a variation selector": _within("\N{VARIATION SELECTOR-16}"),
    "a Hangul filler": _within("\N{HANGUL FILLER}"),
    "a tag": _within("\N{TAG LATIN SMALL LETTER A}"),
    "a mark of direction": _within("\N{RIGHT-TO-LEFT MARK}"),
    "an override of direction": _within("\N{RIGHT-TO-LEFT OVERRIDE}"),
    "an isolate": _within("\N{FIRST STRONG ISOLATE}"),
    "a NUL": _within("\0"),
    "a line break": _within("\n"),
    "an escape": _within("\x1b"),
}
