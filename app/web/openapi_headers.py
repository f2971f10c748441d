"""Headers shared by many responses, as described in the OpenAPI document."""

from __future__ import annotations

from typing import Any

Document = dict[Any, Any]

TEXT: Document = {"schema": {"type": "string"}}
FOR_BROWSERS = (
    "Every response also carries headers for browsers: `X-Content-Type-Options: nosniff`, a `Content-Security-Policy`, "
    "`Referrer-Policy: no-referrer`, `Cross-Origin-Resource-Policy: same-origin`, and over TLS "
    "`Strict-Transport-Security`."
)
"""Stated once: listed in every response they took a sixth of the document, and no client of the API reads them."""
EVERYWHERE = (
    "Every response also carries `X-Request-ID`, the id of the request in the log (the one you sent, if it was "
    "well-formed); `Cache-Control`, which is `no-cache` for public data (revalidate a stored copy before use), "
    "`private, no-cache` where only members read it, and otherwise `no-store`; and, where requests are limited, "
    "`RateLimit-Policy` and `RateLimit`, as described for a 429."
)
"""Stated once, for the same reason."""
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
LIMITED = {
    "RateLimit-Policy": {
        "description": "The limits that apply, each as its name with the quota `q` per `w` seconds.",
        **TEXT,
    },
    "RateLimit": {
        "description": "For each limit: `r` requests remain, and that number grows in `t` seconds.",
        **TEXT,
    },
}
CHALLENGE = {
    "WWW-Authenticate": {
        "description": "The authentication needed (RFC 6750, RFC 9470); in a 403, if the key lacks a scope.",
        **TEXT,
    }
}
PROBLEM_HEADERS: dict[int, Document] = {
    401: CHALLENGE,
    403: CHALLENGE,
    415: {
        "Accept": {"description": "The media type to send instead.", **TEXT},
        "Accept-Patch": {"description": "The media types of a PATCH to send instead.", **TEXT},
        "Accept-Encoding": {"description": "`identity`, if the body was compressed.", **TEXT},
    },
    429: RETRY_AFTER | LIMITED,
    503: RETRY_AFTER,
}
CONDITIONS: dict[str, Document] = {
    "304": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of your copy: if it is still current, the response is a 304 without a body.",
        **TEXT,
    },
    "412": {
        "name": "If-Match",
        "in": "header",
        "description": (
            'The `ETag` of the record as you read it, or its `version` in quotes (`"7"`): if it has changed since, '
            "nothing is written."
        ),
        **TEXT,
    },
}
"""The request header that leads to a status (RFC 9110, section 13.1)."""
IDEMPOTENCY_KEY, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEY_PATTERN = r'^("(?:[ !#-\[\]-~]|\\["\\]){1,255}"|[!#-+\--:<-\[\]-~]{1,255})$'
"""A string of structured fields; or without quotes, and then without characters that would end one."""
KEY_PARAMETER: Document = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "description": (
        "A key of your choice, such as a random UUID, new for each request: a retry of the request with the same key "
        "within 24 hours is not carried out again, but gets the response of the first attempt."
    ),
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
_REPLAYED = {
    REPLAYED: {
        "description": "`true`: this is the response of an earlier request with the same `Idempotency-Key`.",
        "schema": {"type": "string", "const": "true"},
    }
}
HEADERS_OF_KEYS: dict[str, Document] = {
    **dict.fromkeys(("200", "201", "207", "400", "404", "412"), _REPLAYED),
    "409": _REPLAYED
    | {"Retry-After": RETRY_AFTER["Retry-After"] | {"description": "Seconds to wait, if the key is in use."}},
}
"""Headers of the responses of an operation that takes an `Idempotency-Key`, by status."""
