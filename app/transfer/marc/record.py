"""A MARC record as it is read: its fields by tag, and what punctuation ends their subfields.

In records, ISBD's punctuation stands at the end of the subfield before the one that it introduces: `Emma :` before a
subtitle. Source: ISBD, section A3; MARC 21, leader, position 18.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from app.transfer.texts import joined_lines, with_short_spaces
from app.transfer.values import FINAL_STOP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pymarc import Field

WITHOUT_PUNCTUATION = {"c", "n"}
"""Leader, position 18: ISBD or other punctuation is omitted."""
MARK = re.compile(r"\s*[/:;=,]\s*$")
MARK_AT_END = re.compile(r"(?:\s+[/:;=]|,)\s*$")
END_OF_HEADING = re.compile(r"(?:(?<=[^\W\d_]{3})|(?<=\d{4})|(?<=\.))\.$")
CONTROL_SUBFIELDS = set("0123456789")
OCCURRENCE = re.compile(r"(\d{3})-(\d\d)")
TRANSCRIBED_SERIES = "490"
"""The field of titles that end without a full stop."""
NO_OCCURRENCE = "00"


class MarcRecord:
    """The fields of a record, by tag.

    A field in another script (880) that belongs to no other one counts as the field that it stands for.

    Args:
        leader: its 24 characters, or fewer.
        fields: with text, in order.

    Attributes:
        is_punctuated: whether fields end with the marks of ISBD.
        level: the bibliographic level, `m` of a monograph (leader, position 7).
    """

    def __init__(self, leader: str, fields: Iterable[Field]) -> None:
        self.is_punctuated = leader[18:19] not in WITHOUT_PUNCTUATION
        self.level = leader[7:8]
        self._of: defaultdict[str, list[Field]] = defaultdict(list)
        self.in_other_scripts: list[tuple[str, Field]] = []
        """The tags of fields, and the same in another script."""
        for field in fields:
            self._add(field)

    def _add(self, field: Field) -> None:
        if field.tag != "880":
            self._of[field.tag].append(field)
        elif link := OCCURRENCE.match(field.get("6", "")):
            if link[2] == NO_OCCURRENCE:
                self._of[link[1]].append(field)
            else:
                self.in_other_scripts.append((link[1], field))

    def all(self, *tags: str) -> list[Field]:
        """The fields with these tags, in the order of the tags."""
        return [field for tag in tags for field in self._of.get(tag, [])]

    def control(self, tag: str) -> str:
        """The text of a control field; empty if it is not given."""
        return next((field.data or "" for field in self._of.get(tag, [])), "")

    def pairs(self, field: Field, codes: str) -> list[tuple[str, str]]:
        """The filled subfields with these codes, each on one line, without the mark that introduces the next one."""
        texts = [(subfield.code, line(subfield.value)) for subfield in field.subfields]
        last = max((place for place, (code, _) in enumerate(texts) if code not in CONTROL_SUBFIELDS), default=0)
        return [
            (code, bare(text, is_last=place == last) if self.is_punctuated else text)
            for place, (code, text) in enumerate(texts)
            if code in codes and text
        ]

    def parts(self, field: Field, codes: str) -> list[str]:
        """Their texts."""
        return [text for _, text in self.pairs(field, codes)]

    def title(self, field: Field) -> str:
        """A title with the numbers and names of its parts: `Faust. Teil 1, Urfaust`."""
        text, before = "", ""
        for code, part in self.pairs(field, "anp"):
            mark = ", " if before == "n" and code == "p" else ". "
            text = f"{text.removesuffix('.')}{mark}{part}" if text else part
            before = code
        codes = [subfield.code for subfield in field.subfields if subfield.code not in CONTROL_SUBFIELDS]
        is_end = self.is_punctuated and codes[-1:] and codes[-1] in "anp" and field.tag != TRANSCRIBED_SERIES
        return FINAL_STOP.sub("", text) if is_end else text

    def first(self, field: Field, codes: str) -> str:
        """The first of them; empty if there is none."""
        return next(iter(self.parts(field, codes)), "")


def line(text: str) -> str:
    """The text on one line."""
    return joined_lines(with_short_spaces(text))


def bare(text: str, *, is_last: bool) -> str:
    """The text without one mark at its end, unless it is nothing else."""
    return (MARK_AT_END if is_last else MARK).sub("", text) or text


def guarded(text: str) -> str:
    """The text as the last subfield, from which `bare` takes nothing that belongs to it."""
    return f"{text}," if bare(text, is_last=True) != text else text


def bare_heading(text: str) -> str:
    """A subject without the full stop that ends it, which is not that of an initial (MARC 21, field 650)."""
    return END_OF_HEADING.sub("", text)


def guarded_heading(text: str) -> str:
    """A subject from which `bare_heading` takes nothing that belongs to it."""
    return f"{text}." if bare_heading(text) != text else text
