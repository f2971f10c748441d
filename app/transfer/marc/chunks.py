"""The records of a file in MARC 21's transmission format, separated even where some are damaged.

A record is a leader of 24 bytes, a directory, and fields; the first five bytes of the leader are its length, and the
last byte is the record terminator. Damaged files break either rule, so records are separated by both. Source: ISO
2709; MARC 21 Specifications for Record Structure, "Leader" and "Directory".
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORD_END = b"\x1d"
FIELD_END = b"\x1e"
LENGTH = 5
LEADER = re.compile(rb"\d{5}[ -~]{4}[ a]22\d{5}[ -~]{3}45[ -~]{2}")
LOOSE_LEADER = re.compile(rb"\d{5}[ -~]{5}[ -~]{2}\d{5}[ -~]{7}")
"""Of records of old or careless systems; only where a record must begin."""
BETWEEN = b"\r\n\t \0\x1a\xef\xbb\xbf"
"""Bytes between records that mean nothing: line breaks, padding, and UTF-8's byte order mark."""
READ = 1 << 16
LONGEST = 1_000_000
"""Bytes of a record. The format has room for 99,999, but some programs write longer ones."""
MOST_IN_FORMAT = 99_999

LONGER = b"99999"
"""The length that a longer record has."""

NOT_A_RECORD = "is not a MARC record: no record begins here with a leader of 24 characters"
CUT_OFF = "is cut off: its end is missing"
TOO_LONG = f"is longer than {LONGEST:,} bytes"


class Chunk(NamedTuple):
    """What should be one record, without its terminator; or why it is none."""

    content: bytes
    fault: str = ""


def chunks(file: IO[bytes]) -> Iterator[Chunk]:
    """What should be the records of the rest of a file, in order; at most some megabytes of them are in memory."""
    rest, is_cut = b"", False
    while read := file.read(READ):
        *ended, rest = (rest + read).split(RECORD_END)
        for part in ended:
            yield from _records_in(part, is_cut=is_cut)
            is_cut = False
        if len(rest) > LONGEST:  # only a record that begins close to the terminator can be whole
            rest, is_cut = rest[-MOST_IN_FORMAT:], True
    if rest.strip(BETWEEN):
        yield from _last(rest, is_cut=is_cut)


def is_marc(head: bytes) -> bool:
    """Whether a file that begins so has records."""
    return LOOSE_LEADER.match(head.lstrip(BETWEEN)) is not None or LEADER.search(head) is not None


def count(file: IO[bytes]) -> int:
    """The number of terminators, and of what comes after the last one."""
    file.seek(0)
    number, last = 0, b""
    while read := file.read(READ):
        number += read.count(RECORD_END)
        last = read.rpartition(RECORD_END)[2]
    return number + bool(last.strip(BETWEEN))


def _records_in(part: bytes, *, is_cut: bool) -> Iterator[Chunk]:
    """The records up to a terminator: one, or damaged ones before it as well.

    A record without its terminator, and anything else between records, comes before the leader of the next one. That is
    only looked for where the length is wrong, since a text may quote a leader.

    Args:
        part: without the terminator.
        is_cut: whether it is only the end of something too long.
    """
    part = part if is_cut else part.lstrip(BETWEEN)
    if not is_cut and (not part or _has_its_length(part) or part.startswith(LONGER)):
        yield from [Chunk(part)] if part else []
        return
    starts = [found.start() for found in LEADER.finditer(part)]
    if is_cut:
        starts = starts if starts and _has_its_length(part[starts[-1] :]) else []
        yield Chunk(part[: starts[0]] if starts else part, TOO_LONG)
    elif LOOSE_LEADER.match(part):
        starts = [0, *(start for start in starts if start)]
    else:
        yield Chunk(part[: starts[0]] if starts else part, NOT_A_RECORD)
    for start, end in pairwise([*starts, len(part)]):
        yield Chunk(part[start:end], CUT_OFF if end < len(part) else "")


def _last(part: bytes, *, is_cut: bool) -> Iterator[Chunk]:
    """The end of the file, which lacks its terminator."""
    for chunk in _records_in(part, is_cut=is_cut):
        is_whole = chunk.content.endswith(FIELD_END) and _has_its_length(chunk.content)
        yield chunk if chunk.fault or is_whole else Chunk(chunk.content, CUT_OFF)


def _has_its_length(part: bytes) -> bool:
    """Whether a record, without its terminator, is as long as its leader says."""
    return part[:LENGTH].isdigit() and int(part[:LENGTH]) == len(part) + 1
