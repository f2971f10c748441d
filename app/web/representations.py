"""The formats of a single book: content negotiation (RFC 9110, section 12), and the responses."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app.transfer.formats import FORMATS
from app.web.conditional import etag_of
from app.web.http_errors import NotAcceptable
from app.web.media_types import JSON
from app.web.replies import one

if TYPE_CHECKING:
    from app.transfer.formats import Format

MEDIA_RANGE = re.compile(r"\*/\*|[\w!#$&^.+-]+/(?:\*|[\w!#$&^.+-]+)", re.ASCII)
LONGEST_ACCEPT = 200
"""Characters of the longest header worth caching; that of browsers has 130."""


def formats_of_one() -> dict[str, Format]:
    """The formats in which a single book may be requested, by media type."""
    return {form.media_type: form for form in FORMATS.values() if form.is_for_one and form.write is not None}


def wants_json(accept: str | None) -> bool:
    """Whether a client that sends this `Accept` gets the document itself."""
    return not accept or accept == "*/*" or _best(accept) == JSON


def format_wanted() -> Format | None:
    """The format that the client prefers; None: JSON.

    Raises:
        NotAcceptable: it accepts none.
    """
    accept = request.environ.get("HTTP_ACCEPT")
    if wants_json(accept):
        return None
    form = formats_of_one().get(_best(accept or ""))
    if form is None:
        msg = f"`Accept` must name one of {', '.join([JSON, *formats_of_one()])}."
        raise NotAcceptable(msg)
    return form


def format_of_extension(extension: str) -> Format | None:
    """The format of an address that ends in `.mrc`, or in the format's name; None if there is none."""
    return next((form for form in formats_of_one().values() if extension in {form.extension, form.name}), None)


def book_in(form: Format | None, document: str) -> Response:
    """A book in a format, with the strong tag of this representation; None: JSON."""
    if form is None or form.write is None:
        return one(document)
    body = form.before + form.write(document) + form.after
    response = Response(body, mimetype=form.media_type)
    version = etag_of(document).partition("-")[0]
    response.headers["ETag"] = f'"{version}-{blake2b(body, digest_size=16).hexdigest()}"'
    return response


def _best(accept: str) -> str:
    """The media type that is sent; empty if none is accepted."""
    return negotiated(accept) if len(accept) <= LONGEST_ACCEPT else negotiated.__wrapped__(accept)


@lru_cache(256)
def negotiated(accept: str) -> str:
    """Parameters of media types, such as a charset, are passed over: no representation has any to choose.

    So is what is no media range; a header of nothing else means no more than none.
    """
    named = [(value.partition(";")[0].strip(), quality) for value, quality in parse_accept_header(accept)]
    ranges = [(value, quality) for value, quality in named if MEDIA_RANGE.fullmatch(value)]
    if not ranges:
        return JSON
    return MIMEAccept(ranges).best_match([JSON, *formats_of_one()], default="") or ""
