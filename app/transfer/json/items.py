"""The items of a JSON array, or of lines of JSON, one after the other: a large file is never in memory as a whole.

The standard library reads one item at a time out of a sliding buffer. Where one is damaged, reading goes on at what
looks like the beginning of the next.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_ITEM = 1_000_000
"""Characters."""
CHUNK = 1 << 13
"""Characters. To tell where an item is damaged, `json` counts the lines of the whole buffer."""
BETWEEN = re.compile(r'(?:[\s,\[\]\ufeff]|\}(?=\s*\Z)|\{\s*"(?:items|references)"\s*:\s*(?=\[))*+')
"""What stands around items, such as the object that Zotero's web API puts around their array."""
BEGINNING = re.compile(r'\{\s*"(?:id|type)"\s*:')
"""How an item begins, in nearly all files: names of people have neither."""
LONGEST_BEGINNING = 100
TOO_LONG = f"is longer than {LONGEST_ITEM:,} characters"
TOO_DEEP = "is nested too deeply"
CUT_OFF = "is cut off"
BRACKET = re.compile(r"[\[{]")
SURELY_READ = 100
"""Brackets that were read before Python found an item nested too deeply: it allows some hundred."""
NEAR_THE_END = 16
"""Characters: what is wrong so near the end of the buffer may be a word or number that is cut off."""


@dataclass(frozen=True)
class JsonItem:
    """An item.

    Attributes:
        value: what it is.
        fault: why it cannot be read.
        text: its beginning, if it has a fault.
    """

    value: Any = None
    fault: str = ""
    text: str = ""


def json_items(file: IO[str]) -> Iterator[JsonItem]:
    """The items of a file from its beginning, in one array or in several, or none."""
    buffer = _Buffer(file)
    while buffer.skip_separators():
        yield buffer.item()


class _Buffer:
    """A part of the file, with the place in it up to which it has been read."""

    def __init__(self, file: IO[str]) -> None:
        file.seek(0)
        self._file = file
        self._text = ""
        self._place = 0
        self._is_complete = False
        self._decoder = json.JSONDecoder(parse_constant=_refuse)

    def skip_separators(self) -> bool:
        """Go to the next item. Returns whether there is one."""
        while True:
            self._place = _end_of(BETWEEN, self._text, self._place)
            if self._place < len(self._text):
                return True
            if self._is_complete:
                return False
            self._extend(CHUNK)

    def item(self) -> JsonItem:
        """The item at the place."""
        size = CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if fault := self._fault(error):
                    return self._damaged(fault, error.pos - LONGEST_BEGINNING)
            except RecursionError:
                return self._damaged(TOO_DEEP, self._end_of_deep_part())
            except ValueError as error:
                return self._damaged(f"is not JSON: {error}", self._place)
            else:
                if end < len(self._text) or self._is_complete or not isinstance(value, int | float):
                    return self._whole(value, end)
            size *= 2
            self._extend(size)

    def _whole(self, value: object, end: int) -> JsonItem:
        start, self._place = self._place, end
        if end - start > LONGEST_ITEM:
            return JsonItem(None, TOO_LONG, self._text[start : start + LONGEST_BEGINNING])
        return JsonItem(value) if isinstance(value, dict) else JsonItem(None, "is not an object", str(value))

    def _fault(self, error: json.JSONDecodeError) -> str:
        """Why the item is no JSON; empty if it may only not be complete yet."""
        length = len(self._text) - self._place
        cut_off = error.msg.startswith("Unterminated") or error.pos > len(self._text) - NEAR_THE_END
        if cut_off and length > LONGEST_ITEM:
            return TOO_LONG
        if cut_off and not self._is_complete:
            return ""
        return CUT_OFF if cut_off else f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"

    def _end_of_deep_part(self) -> int:
        """A place inside a value that is nested too deeply; retrying at each of its levels would take very long."""
        brackets = islice(BRACKET.finditer(self._text, self._place), SURELY_READ)
        return max((match.end() for match in brackets), default=self._place)

    def _damaged(self, fault: str, search_from: int) -> JsonItem:
        """Tell what is wrong, and go to the beginning of the next item.

        It is searched for shortly before the place of the fault, since a quotation mark may be missing before it.
        """
        text = self._text[self._place : self._place + LONGEST_BEGINNING]
        self._place = max(self._place + 1, search_from)
        while (match := BEGINNING.search(self._text, self._place)) is None:
            self._place = max(self._place, len(self._text) - LONGEST_BEGINNING)
            if self._is_complete:
                self._place = len(self._text)
                return JsonItem(None, fault, text)
            self._extend(CHUNK)
        self._place = match.start()
        return JsonItem(None, fault, text)

    def _extend(self, size: int) -> None:
        """Drop what has been read, and read on."""
        more = self._file.read(size)
        self._text, self._place = self._text[self._place :] + more, 0
        self._is_complete = len(more) == 0


def _end_of(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return match.end() if match else place


def _refuse(constant: str) -> NoReturn:
    msg = f"{constant} is no number"
    raise ValueError(msg)
