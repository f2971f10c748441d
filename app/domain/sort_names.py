"""The name under which a catalogue files a person.

Not nameparser: the rule is short, and documented for clients, who can send `sort_name` where it is wrong.
"""

from __future__ import annotations

LONGEST = 255
SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}


def sort_name_of(name: str) -> str:
    """The sort name of a person: `Jane Austen` is filed as `Austen, Jane`.

    The last word is taken for the family name. Particles in lower case stay with the given names (`Goethe, Johann
    Wolfgang von`), and a suffix goes last (`King, Martin Luther, Jr.`). A name with a comma, of one word, or without
    upper-case letters stays as it is, and so does one that has no room for the comma. A client that knows better sends
    `sort_name`.
    """
    parts = name.split()
    if "," in name or len(parts) == 1 or not any(letter.isupper() for letter in name):
        return name
    suffix = f", {parts.pop()}" if parts[-1].lower() in SUFFIXES and len(parts) > 2 else ""  # noqa: PLR2004  (first and last)
    filed = f"{parts[-1]}, {' '.join(parts[:-1])}{suffix}"
    return filed if len(filed) <= LONGEST else name
