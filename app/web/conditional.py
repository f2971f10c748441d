"""Conditional requests (RFC 9110, section 13): the entity tags of records, and the preconditions of a write."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import blake2b

from flask import request
from werkzeug.http import unquote_etag

from app.errors import VersionMismatch
from app.web.codings import GZIP, gzip_for

EXISTS = "The record exists as If-None-Match says that it must not; nothing was changed."
CHANGED_SINCE = "The record was changed after the time in If-Unmodified-Since; nothing was changed."
VERSION = '"version":'
"""How the key stands in a document. Inside a text its quotes would be escaped, so it cannot be mistaken."""


def etag_of(document: str) -> str:
    """The strong tag of a record, without its quotes: its version and a digest, `7-5d41402abc4b2a76b9719d911017c592`.

    The version alone would not be strong: an id or an ISBN can belong to another record later, whose version may be the
    same, and a migration may rewrite documents. A record without a version has the digest alone.
    """
    digest = blake2b(document.encode(), digest_size=16).hexdigest()
    version = _version_of(document)
    return f"{version}-{digest}" if version else digest


def etag_for_client(document: str) -> str:
    """The tag that a GET would give to this client, whose coding may have one of its own."""
    accepted = request.environ.get("HTTP_ACCEPT_ENCODING")
    return f"{etag_of(document)}-{GZIP}" if gzip_for(len(document.encode()), accepted) else etag_of(document)


def not_modified(header: str) -> bool:
    """Whether the client said that it has what this `ETag` stands for (If-None-Match)."""
    tag, is_weak = unquote_etag(header)
    return any(map(request.if_none_match.contains_weak, [tag] if is_weak else _names_of(tag)))


def require_match(document: str | None = None) -> None:
    """Stop a write of a record whose preconditions do not hold: If-Match or If-Unmodified-Since, and If-None-Match.

    Call it when it is known that the record exists and that the user may write it.

    Args:
        document: the record; None for one that has no tag, which only `*` matches.

    Raises:
        VersionMismatch: one of them does not hold.
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
    """What means the same as a strong tag: itself, and the version in it, which a client knows from a list."""
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
    """Whether the record was changed after If-Unmodified-Since, to the second, which is all that the header can say.

    Without the header, with one that is no date, and for a record that does not say when it was changed: no.
    """
    since = request.if_unmodified_since
    if since is None:
        return False
    changed = json.loads(document).get("updated_at")
    return changed is not None and datetime.fromisoformat(changed).replace(microsecond=0) > since
