"""Names of people in BibTeX: read to people, and written.

Source: Nicolas Markey, "Tame the BeaST", section 11; the extended format is that of biblatex, section 4.2.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bibtexparser.middlewares.names import parse_single_name_into_parts

from app.transfer.bibtex.tex import LONGEST, as_tex
from app.transfer.documents import filed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.transfer.bibtex.tex import Decoder

MOST_NAMES = 1_000
OTHERS = "others"
PARTS = ("given", "prefix", "family", "suffix")
EXTENDED = re.compile(r"\s*\"?\s*(?:given|family|prefix|suffix)(?:-i)?\s*=", re.IGNORECASE)
BETWEEN_PARTS = re.compile(r"([{}])|(,)")
AND_OR_BRACE = re.compile(r"\\.|[{}]|(?<!\s)(?P<and>\s+and(?=\s))", re.IGNORECASE | re.DOTALL)
AND = re.compile(r"(?:^|\s)and(?:\s|$)|^others$", re.IGNORECASE)


class BibName(NamedTuple):
    """A name as it is spoken, and as it is filed if the file says so."""

    name: str
    sort_name: str | None = None


class BibNames(NamedTuple):
    """The names of a field, and whether there are others that it does not name."""

    names: list[BibName]
    and_others: bool = False


def names_in(tex: str, decoder: Decoder) -> BibNames:
    """The names of a field.

    Raises:
        ValueError: they are too long, or not TeX.
    """
    if len(tex) > LONGEST:
        msg = f"is longer than {LONGEST:,} characters"
        raise ValueError(msg)
    found = [name.strip() for name in split_at_and(tex)]
    kept = [name for name in found if name and name.lower() != OTHERS][:MOST_NAMES]
    return BibNames([_name(name, decoder) for name in kept], OTHERS in (name.lower() for name in found))


def split_at_and(tex: str) -> list[str]:
    r"""The entries of a list that `and` separates, out of braces.

    Not bibtexparser's `split_multiple_persons_names`, which takes a name that begins with a command for the end of the
    one before: `A and \'Etienne B`.
    """
    parts = [""]
    depth = place = 0
    for match in AND_OR_BRACE.finditer(tex):
        depth = max(0, depth + {"{": 1, "}": -1}.get(match[0], 0))
        if match["and"] and depth == 0:
            parts[-1] = tex[place : match.start()]
            place = match.end()
            parts.append("")
    parts[-1] = tex[place:]
    return parts


def _name(tex: str, decoder: Decoder) -> BibName:
    if EXTENDED.match(tex):
        given = _given_parts(tex)
        parts = [decoder.text(given.get(part, "")) for part in PARTS]
    else:
        names = parse_single_name_into_parts(tex, strict=False)
        whole = " ".join(names.last)
        if not (names.first or names.von or names.jr) and whole.startswith("{") and whole.endswith("}"):
            return _whole(decoder.text(whole))
        parts = [decoder.text(" ".join(words)) for words in (names.first, names.von, names.last, names.jr)]
    return spoken(*parts)


def _whole(name: str) -> BibName:
    """A name in braces, which is that of a body and filed as it is."""
    return BibName(name, name if " " in name else None)


def spoken(given: str, prefix: str, family: str, suffix: str, before: str = "") -> BibName:
    """The name of parts. Prefixes such as `de la` are filed behind the given name.

    Args:
        given: `Charles Louis Xavier Joseph`
        prefix: `de la`
        family: `Vallée Poussin`
        suffix: `Jr.`
        before: a prefix that belongs to the family name, under which it is filed as well.
    """
    family = " ".join(filter(None, (before, family)))
    name = " ".join(filter(None, (given, prefix, family, suffix)))
    behind = " ".join(filter(None, (given, prefix)))
    return BibName(name, ", ".join(filter(None, (family, behind, suffix))) if family and behind else None)


def _given_parts(tex: str) -> dict[str, str]:
    """The parts of `given=Hans, family=Harman and given={Simon}`, by their names."""
    parts = [""]
    depth = 0
    for piece in BETWEEN_PARTS.split(tex.strip().strip('"')):
        if piece == "," and depth == 0:
            parts.append("")
        elif piece:
            depth += {"{": 1, "}": -1}.get(piece, 0)
            parts[-1] += piece
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def as_names(names: Iterable[str]) -> str:
    """Names as a field has them."""
    return " and ".join(map(_as_name, names))


def _as_name(name: str) -> str:
    last, first, suffix = filed(name)
    if not first or AND.search(name) or "=" in name:
        return f"{{{as_tex(name)}}}" if re.search(r"[\s,=]", name) or AND.search(name) else as_tex(name)
    family = as_tex(last)
    family = f"{{{family}}}" if not last[:1].isupper() else family
    return ", ".join(filter(None, (family, as_tex(suffix), as_tex(first))))
