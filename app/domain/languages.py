"""Language tags (BCP 47, RFC 5646) in canonical form."""

from __future__ import annotations

from functools import lru_cache

import langcodes
from langcodes.tag_parser import LanguageTagError

LONGEST_TAG = 35
"""The length of tag that every protocol must support (RFC 5646, section 4.4.1)."""


def normalize_language(text: str) -> str:
    """The canonical tag: `eng`, `en` and `EN` are `en`; `en_us` is `en-US`. ISO 639-2 codes are accepted.

    Raises:
        ValueError: it does not name a registered language.
    """
    text = text.strip()
    tag = _remembered_tag(text) if len(text) <= LONGEST_TAG else _tag(text)
    if not tag:
        msg = "is not a language tag (BCP 47), such as en, en-US or ar"
        raise ValueError(msg)
    return tag


def _tag(text: str) -> str:
    """The canonical tag; empty if there is none."""
    try:
        tag = langcodes.standardize_tag(text)
    except LanguageTagError:
        return ""
    return tag if len(tag) <= LONGEST_TAG and langcodes.tag_is_valid(tag) else ""


_remembered_tag = lru_cache(maxsize=512)(_tag)
