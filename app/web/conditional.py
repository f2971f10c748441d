"""Conditional requests (RFC 9110, section 13): the entity tags of records, and the preconditions of a write."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import blake2b

from flask import request
from werkzeug.http import parse_etags, unquote_etag

from app.errors import VersionMismatch
from app.web.content_codings import GZIP, gzip_for

EXISTS = "The record matches If-None-Match; nothing was written."
CHANGED_SINCE = "The record was changed after the time in If-Unmodified-Since; nothing was written."
VERSION = '"version":'
"""The key in a document. Within a string its quotes would be escaped, so a match is always the key."""


def etag_of(document: str) -> str:
    """The strong tag of a record, without its quotes: its version and a digest, `7-5d41402abc4b2a76b9719d911017c592`.

    The version alone would not be strong: an id or an ISBN can belong to another record later, whose version may be the
    same, and a migration may rewrite documents. For a record without a version, the tag is the digest alone.
    """
    digest = blake2b(document.encode(), digest_size=16).hexdigest()
    version = _version_of(document)
    return f"{version}-{digest}" if version else digest


def etag_for_client(document: str) -> str:
    """The tag that a GET by this client would return: it depends on whether the response would be compressed."""
    return etag_for_codings(document, request.environ.get("HTTP_ACCEPT_ENCODING"))


def etag_for_codings(document: str, accepted: str | None) -> str:
    """The same for a client that sends this `Accept-Encoding`."""
    return f"{etag_of(document)}-{GZIP}" if gzip_for(len(document.encode()), accepted) else etag_of(document)


def not_modified(header: str, if_none_match: str) -> bool:
    """Whether this `ETag` is among the tags of an `If-None-Match`."""
    tag, is_weak = unquote_etag(header)
    return any(map(parse_etags(if_none_match).contains_weak, [tag] if is_weak else _names_of(tag)))


def require_match(document: str | None = None) -> None:
    """Check the preconditions of a write: If-Match or If-Unmodified-Since, and If-None-Match.

    Call it after checking that the record exists and that the user may write it.

    Args:
        document: the record; None for one without a tag, which only `*` matches.

    Raises:
        VersionMismatch: a precondition fails.
    """
    names = [] if document is None else _names_of(etag_of(document))
    names += [f"{tag}-{GZIP}" for tag in names]
    if "If-Match" in request.headers:  # compared strongly, and before the others (section 13.2.2)
        if not request.if_match.star_tag and not any(map(request.if_match.contains, names)):
            raise VersionMismatch
    elif document is not None and _changed_since(document):
        raise VersionMismatch(CHANGED_SINCE)
    if request.if_none_match.star_tag or any(map(request.if_none_match.contains_weak, names)):
        raise VersionMismatch(EXISTS)


def _names_of(tag: str) -> list[str]:
    """The tags that a strong tag matches: itself, and its version alone, which a client knows from a list."""
    version, dash, _ = tag.partition("-")
    return [tag, version] if dash and version.isdigit() else [tag]


def _version_of(document: str) -> str:
    """The version that a document states; empty if it has none."""
    start = document.rfind(VERSION)
    if start < 0:
        return ""
    digits = document[start + len(VERSION) : start + len(VERSION) + 20]
    return digits.replace("}", ",").partition(",")[0]


def _changed_since(document: str) -> bool:
    """Whether the record was changed after If-Unmodified-Since, in whole seconds, the precision of the header.

    False without the header, if it is not a date, and for a record without `updated_at`.
    """
    since = request.if_unmodified_since
    if since is None:
        return False
    changed = json.loads(document).get("updated_at")
    return changed is not None and datetime.fromisoformat(changed).replace(microsecond=0) > since
