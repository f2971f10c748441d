"""Files as text: what kind of file it is, its encoding, and where it cannot be decoded."""

from __future__ import annotations

import codecs
import gzip
import zlib
from contextlib import suppress
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, cast

from app.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = 4096
"""Bytes by which the kind of a file is recognized."""
CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
OTHER_FILES = {
    b"PK\x03\x04": "is a spreadsheet's own file, or an archive; in the spreadsheet, save it as 'CSV UTF-8'",
    b"\xd0\xcf\x11\xe0": "is an old Excel file; in the spreadsheet, save it as 'CSV UTF-8'",
    b"%PDF": "is a PDF, which has no table that can be read",
    b"SQLite format 3": "is a database; export its books as CSV",
}
"""What other files begin with, and what to do with them."""
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SUGGESTION = (
    "say which encoding it has, such as cp1252 (Windows, Western Europe), cp1251 (Windows, Cyrillic) or mac_roman, or "
    "in a spreadsheet save it as 'CSV UTF-8'"
)


class _Text(TextIOWrapper):
    """The text of a file that belongs to the caller, who closes it."""

    def __del__(self) -> None:
        """Let go of the file: otherwise it would be closed, with a warning."""
        with suppress(ValueError):  # it is closed already
            self.detach()


def decoded(file: IO[bytes], encoding: str | None = None) -> IO[str]:
    """The text of a file, whose every line was decoded once before the first is read.

    It may be compressed with gzip. Its encoding is the one that is given, or that of its byte order mark, or UTF-8.

    Args:
        file: can be read from the beginning again.
        encoding: its name in Python.

    Raises:
        UnreadableFile: it is empty, of another kind, or in another encoding.
    """
    file = unzipped(file)
    head = file.read(HEAD)
    file.seek(0)
    _require_table(head)
    name = encoding or next((name for mark, name in BYTE_ORDER_MARKS.items() if head.startswith(mark)), None)
    if name is None and head.count(0) * 4 > len(head):
        msg = f"the file looks like UTF-16 without a byte order mark, such as utf-16-le: {SUGGESTION}"
        raise UnreadableFile(msg)
    _require_decodable(file, name or "utf-8")
    file.seek(0)
    return _Text(file, encoding=name or "utf-8", newline="")


def unzipped(file: IO[bytes]) -> IO[bytes]:
    """The file from its beginning, decompressed if it is compressed with gzip.

    Only once: a file may decompress to itself without end.

    Raises:
        UnreadableFile: it is compressed, and damaged or cut off.
    """
    file.seek(0)
    head = file.read(len(GZIP))
    file.seek(0)
    if head != GZIP:
        return file
    _require_whole(file)
    return cast("IO[bytes]", gzip.open(file))


def _require_whole(file: IO[bytes]) -> None:
    """Decompress the whole file once."""
    try:
        with gzip.open(file) as unzipped:
            while unzipped.read(CHUNK):
                pass
    except (EOFError, OSError, zlib.error):
        msg = "the compressed file is damaged or cut off; copy or download it again"
        raise UnreadableFile(msg) from None
    file.seek(0)


def _require_table(head: bytes) -> None:
    if not head.strip(b"\0 \t\r\n"):
        msg = "the file is empty"
        raise UnreadableFile(msg)
    for beginning, what in OTHER_FILES.items():
        if head.startswith(beginning):
            msg = f"the file {what}"
            raise UnreadableFile(msg)


def is_encoding(name: str) -> bool:
    """Whether Python knows an encoding of texts by that name; it has others, such as `hex`, for bytes."""
    try:
        b"x".decode(name)
    except UnicodeError:
        return True
    except (LookupError, ValueError):
        return False
    return True


def _require_decodable(file: IO[bytes], encoding: str) -> None:
    """Decode the whole file.

    Raises:
        UnreadableFile: says on which line it cannot be decoded.
    """
    if not is_encoding(encoding):
        msg = f"“{encoding[:40]}” is not the name of an encoding; such as utf-8, cp1252, latin-1"
        raise UnreadableFile(msg)
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk, final in _chunks(file):
        try:
            line += decoder.decode(chunk, final).count("\n")
        except UnicodeError as error:
            raise UnreadableFile(_message(error, chunk, line, encoding)) from None


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    while chunk := file.read(CHUNK):
        yield chunk, False
    yield b"", True


def _message(error: UnicodeError, chunk: bytes, line: int, encoding: str) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return f"line {line}: the file is not in {encoding}: {SUGGESTION}"
    line += error.object[: error.start].count(b"\n")
    byte = error.object[error.start] if error.start < len(error.object) else chunk[-1]
    return f"line {line}: the byte 0x{byte:02X} is not {encoding.upper()}: {SUGGESTION}"
