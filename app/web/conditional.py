"""Conditional requests (RFC 9110, section 13): the strong ETag of a record is a digest of its document."""

from __future__ import annotations

from hashlib import blake2b

from flask import request

from app.errors import VersionMismatch


def etag_of(document: str) -> str:
    """The tag, without its quotes."""
    return blake2b(document.encode(), digest_size=16).hexdigest()


def not_modified(document: str) -> bool:
    """Whether the client said that it has this very document (If-None-Match)."""
    return bool(request.if_none_match) and request.if_none_match.contains_weak(etag_of(document))


def require_match(document: str) -> None:
    """Stop a change of a record that is no longer the one that the client saw (If-Match, compared strongly).

    Raises:
        VersionMismatch: it differs.
    """
    if "If-Match" in request.headers and not request.if_match.contains(etag_of(document)):
        raise VersionMismatch
