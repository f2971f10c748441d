"""Headers that whole kinds of answers have, as the OpenAPI document describes them."""

from __future__ import annotations

from typing import Any

Document = dict[Any, Any]

TEXT: Document = {"schema": {"type": "string"}}
FOR_BROWSERS = (
    "Every response also carries headers for browsers: `X-Content-Type-Options: nosniff`, a `Content-Security-Policy`, "
    "`Referrer-Policy: no-referrer`, `Cross-Origin-Resource-Policy: same-origin`, and over TLS "
    "`Strict-Transport-Security`."
)
"""Said once: named in every response they took a sixth of the document, and no client of the API reads them."""
EVERYWHERE = {
    "X-Request-ID": {"description": "The request's id in the log; yours, if you sent a sane one.", **TEXT},
    "Cache-Control": {
        "description": "`no-cache` for what everyone may read: what was kept needs a check. Else `no-store`.",
        **TEXT,
    },
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
LIMITED = {
    "RateLimit-Policy": {
        "description": "The limits that were counted, each as its name with `q`, how often, in `w` seconds.",
        **TEXT,
    },
    "RateLimit": {
        "description": "What is left of each: `r`, how often more, and `t`, the seconds until that grows.",
        **TEXT,
    },
}
CHALLENGE = {
    "WWW-Authenticate": {"description": "What is needed (RFC 6750); in a 403, where a key lacks a scope.", **TEXT}
}
PROBLEM_HEADERS: dict[int, Document] = {
    401: CHALLENGE,
    403: CHALLENGE,
    415: {
        "Accept": {"description": "The media type to send instead.", **TEXT},
        "Accept-Patch": {"description": "The media types of a PATCH to send instead.", **TEXT},
        "Accept-Encoding": {"description": "`identity`, where the body was compressed.", **TEXT},
    },
    429: RETRY_AFTER,
    503: RETRY_AFTER,
}
CONDITIONS: dict[str, Document] = {
    "304": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An `ETag` that you have: if it is still current, the response is a 304 without a body.",
        **TEXT,
    },
    "412": {
        "name": "If-Match",
        "in": "header",
        "description": (
            'The `ETag` of the record as you saw it, or its `version` in quotes (`"7"`): if it is another by now, '
            "nothing is changed."
        ),
        **TEXT,
    },
}
"""The header that leads to a status (RFC 9110, section 13.1)."""
