"""Lists as Python writes them, which many a script leaves in the cells of a table: `['Fiction', 'Classics']`."""

from __future__ import annotations

import re
from ast import literal_eval

LONGEST = 50_000
"""Characters: a parsed list takes a hundred times the room of its text."""
IS_LIST = re.compile(r"\[\s*+(['\"]).*\1\s*+(?:,\s*+)?\]")


def python_list(text: str) -> list[str] | None:
    """The entries of a cell that is a list of texts; None of any other."""
    text = text.strip()
    if len(text) > LONGEST or not IS_LIST.fullmatch(text):
        return None
    try:
        return [str(entry) for entry in literal_eval(text)]
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):  # all that `ast.literal_eval` names
        return None
