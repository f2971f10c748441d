"""Bytes of MARC records as text: UTF-8, or MARC-8, in which accents precede their letters.

Position 9 of the leader says which, but many programs leave it as it was. Source: MARC 21 Specifications for Record
Structure, Character Sets, and Exchange Media, "MARC-8 Encoding Environment".
"""

from __future__ import annotations

import codecs
import re

from pymarc.marc8 import MARC8ToUnicode

from app.errors import UnreadableFile
from app.transfer.decoding import is_encoding

MARC_8 = "marc-8"
NAMES_OF_MARC_8 = {"marc8", "marc-8", "ansel"}
SWITCH = re.compile(rb"\x1b(?:\$,?|[(,])?([!-~])")
"""Escape sequences that choose a script (technique 1, and technique 2 for G0)."""
EAST_ASIA = b"1"
"""The script of which each letter takes three bytes."""
NOT_MARC_8 = re.compile(
    rb"[\x80-\x87\x8a-\x8c\x8f-\xa0\xaf\xbb\xbe\xbf\xc9-\xdf\xfc\xfd\xff]|[\xe0-\xfe](?![\xe0-\xfeA-Za-z\xa1-\xbd\x88-\x8e])"
)
"""Bytes that mean nothing in the extended Latin set of MARC-8 (ANSEL), and accents without a letter."""
LETTER_OF_UTF8 = re.compile(rb"[\xc3-\xd9][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}")
MIXED = "mixed"
"""UTF-8 where a value has letters of it, and otherwise Windows-1252."""
NEITHER = "is neither in UTF-8 nor in MARC-8, so that letters of it may be wrong; say which encoding it has"


def codec_named(encoding: str) -> str:
    """MARC-8, or a codec of Python.

    Raises:
        UnreadableFile: there is none with this name.
    """
    if encoding.casefold().strip() in NAMES_OF_MARC_8:
        return MARC_8
    if not is_encoding(encoding):
        msg = f"“{encoding[:40]}” is not the name of an encoding; such as utf-8, marc-8, cp1252"
        raise UnreadableFile(msg)
    return codecs.lookup(encoding).name


def codec_of(record: bytes, *, says_utf8: bool) -> str:
    """The encoding of a record, as its bytes show it; by its leader where they fit several.

    Letters of UTF-8 are hardly ever those of MARC-8: there, accents stand before unaccented letters.
    """
    if record.isascii():
        return MARC_8 if b"\x1b" in record and not says_utf8 else "utf-8"
    try:
        record.decode()
    except UnicodeDecodeError:
        is_damaged = says_utf8 and LETTER_OF_UTF8.search(record) is not None
        is_marc_8 = b"\x1b" in record or NOT_MARC_8.search(record) is None
        return MARC_8 if is_marc_8 and not is_damaged else MIXED
    return "utf-8"


def decode(content: bytes, codec: str) -> str:
    """The text.

    Raises:
        ValueError: it is not in this encoding; the message says so in plain words.
    """
    if codec == MIXED:
        return _mixed(content)
    if codec != MARC_8:
        try:
            return content.decode(codec)
        except UnicodeError:
            msg = f"is not in {codec.upper()}"
            raise ValueError(msg) from None
    if content.isascii() and b"\x1b" not in content:
        return content.decode()
    _require_whole_letters(content)
    try:
        return str(MARC8ToUnicode(quiet=True).translate(content))  # type: ignore[no-untyped-call]
    except (IndexError, TypeError, ValueError):
        msg = "is not in MARC-8"
        raise ValueError(msg) from None


def _require_whole_letters(content: bytes) -> None:
    """Refuse cut-off letters of East Asia, of which pymarc complains on the terminal."""
    _, *parts = SWITCH.split(content)
    switches = list(zip(parts[::2], parts[1::2], strict=True))
    if EAST_ASIA not in parts[::2]:
        return
    is_cut = any(b"\x1b" in text or (script == EAST_ASIA and len(text) % 3) for script, text in switches)
    if is_cut or switches[-1] == (EAST_ASIA, b""):
        msg = "is not in MARC-8: a letter of East Asia is cut off"
        raise ValueError(msg)


def _mixed(content: bytes) -> str:
    if LETTER_OF_UTF8.search(content):
        return content.decode("utf-8", "replace")
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")
