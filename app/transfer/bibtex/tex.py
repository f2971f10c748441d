"""Text as TeX writes it: read to Unicode, and written so that TeX and BibTeX read it back.

pylatexenc knows the commands for letters and signs; here are those that bibliographies have besides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    SpecialsTextSpec,
    get_default_latex_context_db,
)
from pylatexenc.latexwalker import get_default_latex_context_db as get_default_arguments_db
from pylatexenc.macrospec import MacroSpec

if TYPE_CHECKING:
    from collections import Counter

    from pylatexenc.latexwalker import LatexMacroNode

LONGEST = 60_000
"""Characters of one value: six times the longest description, since every letter may be a command."""
DEEPEST = 40
"""Braces within braces."""
MOST_REMARKS = 100
SEPARATOR = re.compile(r"([{}])|([,;])")
HAS_TEX = re.compile(r"[\\{}$~%]|--|``|''|[?!]`|[\r\n\t]|  ")
ASCII_SPACE = re.compile(r"[ \t\r\n\f\v]+")
BARE_PERCENT = re.compile(r"(?<!\\)((?:\\\\)*)%")
DOLLAR = re.compile(r"(?<!\\)\$")
SPECIAL = {
    **{letter: f"\\{letter}" for letter in "&%$#_"},
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "\\": "\\textbackslash{}",
    "\n": "\n\n",
    "@": "{@}",
    " ": "{ }",
}
"""BibTeX counts a brace that is written `\\{` as well, and it must be balanced (Tame the BeaST, section 2.4)."""
NEEDS_ESCAPE = re.compile(r"[&%$#_{}~^\\\n]|-(?=-)|`(?=`)|'(?=')|[?!](?=`)|(?<=[ \n]) | (?=\n)|(?<=\n)@")
SIMPLE = re.compile(r"\\par\{\}|\\[&%#_]|[{}~]|---?|``|''")
COMMAND = re.compile(r"\\(?!par\{\}|[&%#_])|\$|[?!]`")
"""What needs pylatexenc, which reads letter by letter; without, it takes a thirtieth of the time."""
MEANING = {"{": "", "}": "", "~": " ", "--": "\u2013", "---": "\u2014", "``": "\u201c", "''": "\u201d", "\\par{}": "\n"}
VERBATIM = re.compile(r"\\([_&%#~$])")
"""What people escape in fields that biblatex takes literally (biblatex, section 2.2.1)."""
BREAKS_VERBATIM = re.compile(r"[{}\\\s]")

_own = get_default_latex_context_db()
_own.add_context_category(
    "bibliographies",
    prepend=True,
    macros=[
        *(MacroTextSpec(name, simplify_repl="\n") for name in ("par", "newline", "\\", "linebreak")),
        *(MacroTextSpec(name, simplify_repl=name) for name in ("TeX", "LaTeX", "BibTeX", "LaTeXe")),
        *(MacroTextSpec(name, discard=True) for name in ("protect", "noopsort", "relax", "textup", "bfseries")),
        *(MacroTextSpec(name, discard=False) for name in ("mkbibemph", "mkbibitalic", "mkbibbold", "texttt")),
        MacroTextSpec("textbraceleft", simplify_repl="{"),
        MacroTextSpec("textbraceright", simplify_repl="}"),
        MacroTextSpec("textasciicircum", simplify_repl="^"),
        MacroTextSpec("url", simplify_repl="%s"),
        MacroTextSpec("href", simplify_repl=lambda node, l2tobj: l2tobj.node_arg_to_text(node, 1)),
        MacroTextSpec("mkbibquote", simplify_repl="\u201c%s\u201d"),
        MacroTextSpec("enquote", simplify_repl="\u201c%(2)s\u201d"),
        MacroTextSpec("textless", simplify_repl="<"),
        MacroTextSpec("textgreater", simplify_repl=">"),
        MacroTextSpec("hyphen", simplify_repl="-"),
        MacroTextSpec("slash", simplify_repl="/"),
        MacroTextSpec(" ", simplify_repl=" "),
    ],
    specials=[SpecialsTextSpec("~", simplify_repl=" ")],
)

_arguments = get_default_arguments_db()
_arguments.add_context_category(
    "bibliographies",
    prepend=True,
    macros=[MacroSpec("href", "{{"), MacroSpec("mkbibquote", "{"), MacroSpec("enquote", "*{")],
)


class Decoder(LatexNodes2Text):  # type: ignore[misc]  # pylatexenc has no types
    """Reads TeX.

    Args:
        remarks: counts the commands that are not known, and are left out.
    """

    def __init__(self, remarks: Counter[str]) -> None:
        super().__init__(latex_context=_own, math_mode="text", keep_comments=False)
        self._remarks = remarks

    def text(self, tex: str) -> str:
        """The text of a value.

        Raises:
            ValueError: it is too long or too deep, or not TeX.
        """
        if not HAS_TEX.search(tex):
            return tex.strip()
        _require_bounded(tex)
        tex = ASCII_SPACE.sub(_space, tex)
        if not COMMAND.search(tex):
            return SIMPLE.sub(lambda match: MEANING.get(match[0], match[0].lstrip("\\")), tex).strip()
        tex = BARE_PERCENT.sub(r"\1\\%", tex)
        if len(DOLLAR.findall(tex)) % 2:
            tex = DOLLAR.sub(r"\\$", tex)
        try:
            text = str(self.latex_to_text(tex, tolerant_parsing=True, latex_context=_arguments))
        except Exception:  # noqa: BLE001  (pylatexenc raises any, where arguments of a command are missing)
            msg = "has TeX commands that cannot be read"
            raise ValueError(msg) from None
        return text.strip()

    def macro_node_to_text(self, node: LatexMacroNode) -> str:
        """The text of a command."""
        name = str(node.macroname)
        if self.latex_context.get_macro_spec(name) is None:
            remark = f"has the TeX command “\\{name[:40]}”, which is not known and left out"
            if remark in self._remarks or len(self._remarks) < MOST_REMARKS:
                self._remarks[remark] += 1
        return str(super().macro_node_to_text(node))


def _require_bounded(tex: str) -> None:
    if len(tex) > LONGEST:
        msg = f"is longer than {LONGEST:,} characters"
        raise ValueError(msg)
    depth = deepest = 0
    for brace in re.findall(r"[{}]", tex):
        depth += 1 if brace == "{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        msg = f"has more than {DEEPEST} braces within braces"
        raise ValueError(msg)


def _space(match: re.Match[str]) -> str:
    """White space, which is a paragraph if an empty line is in it."""
    lines = max(match[0].count("\n"), match[0].count("\r"))
    return "\\par{}" * (lines // 2) or " "


def verbatim(tex: str) -> str:
    """The text of a field that TeX takes literally, such as a URL."""
    text = tex.strip()
    if text.startswith("\\url{") and text.endswith("}"):
        text = text[len("\\url{") : -1]
    return VERBATIM.sub(r"\1", ASCII_SPACE.sub(" ", text)).strip("{} ")


def as_verbatim(text: str) -> str:
    """A URL or DOI as such a field has it: braces and backslashes would end it, and are percent-encoded."""
    return BREAKS_VERBATIM.sub(lambda match: f"%{ord(match[0]):02X}", text)


def as_tex(text: str) -> str:
    """A text in TeX."""
    return NEEDS_ESCAPE.sub(lambda match: _escaped(match[0]), text)


def _escaped(letter: str) -> str:
    return SPECIAL.get(letter) or f"{letter}{{}}"


def parts_of(tex: str) -> list[str]:
    """The parts of a list such as `keywords`, separated by semicolons or, if there are none, by commas.

    Within braces neither separates.
    """
    depth = 0
    marks: list[tuple[str, int]] = []
    for token in filter(None, SEPARATOR.split(tex)):
        depth += {"{": 1, "}": -1}.get(token, 0)
        marks.append((token, depth))
    separator = ";" if (";", 0) in marks else ","
    parts = [""]
    for token, level in marks:
        if token == separator and level == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()]
