"""Retries that do no harm: `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07, and as at Stripe).

A route declares with `idempotent` that it takes the header, and keeps its response with `kept` within the transaction
of its write. Without the header, neither does anything.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from functools import wraps
from hashlib import sha256
from typing import TYPE_CHECKING

from flask import Response, g, make_response, request
from sqlalchemy import exc

from app.errors import (
    BooksError,
    Conflict,
    Fault,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    Invalid,
    InvalidRequest,
    NotFound,
    VersionMismatch,
)
from app.services.idempotency import IdempotencyKey, StoredResponse
from app.web.bodies import has_no_body
from app.web.openapi_headers import IDEMPOTENCY_KEY, KEY_PATTERN, REPLAYED
from app.web.operations import View, declare_idempotency
from app.web.problems import problem
from app.web.rate_limits import limit_kept
from app.web.request_log import note_problem, note_replay
from app.web.state import transaction

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.security.identity import Principal
    from app.services.idempotency import Kept

KEY = re.compile(KEY_PATTERN)
ESCAPED = re.compile(r'\\(["\\])')
PRECONDITIONS = ("If-Match", "If-None-Match", "If-Unmodified-Since")
"""Headers that belong to the request as much as its body does."""
NOT_KEPT = frozenset({"Content-Length"})
"""Headers that are made again for each response."""
BAD_KEY = "must be one string of 1 to 255 visible ASCII characters, in quotes or without"


class Replayed(Exception):  # noqa: N818  (no error)
    """The request was carried out before. `response` is what it got."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


class Attempt:
    """A request with an `Idempotency-Key`.

    Args:
        user: the principal, to whom the key belongs.
        key: the key.
    """

    def __init__(self, user: Principal, key: str) -> None:
        self._key = IdempotencyKey(user.id, key)
        self._user_id = user.id
        self._fingerprint = ""
        self.is_kept = False

    @property
    def has_begun(self) -> bool:
        """Whether the write has begun, and is not refused as a repetition."""
        return bool(self._fingerprint)

    def begin(self, db: Session) -> None:
        """Begin the write, as the first statement of its first transaction.

        Raises:
            Replayed: it was carried out before.
            IdempotencyKeyReused: another request was, with the same key.
            IdempotencyKeyInUse: it is being carried out.
        """
        if self.has_begun:
            return
        fingerprint = _fingerprint()
        kept = self._key.claim(db)
        if kept is None:
            self._fingerprint = fingerprint
        elif kept.fingerprint == fingerprint:
            raise Replayed(_replay(kept))
        else:
            raise IdempotencyKeyReused

    def keep(self, db: Session, response: Response) -> None:
        """Keep the response in the transaction.

        Raises:
            TooManyRequests: the responses that are kept for the user take up too much room.
        """
        headers = {name: value for name, value in response.headers.items() if name not in NOT_KEPT}
        stored = StoredResponse(response.status_code, json.dumps(headers), response.get_data())
        limit_kept(self._user_id, self._key.keep(db, self._fingerprint, stored))
        self.is_kept = True

    def keep_separately(self, response: Response) -> None:
        """Keep a response without a write of its own: a refusal, or that of a write of several transactions.

        If that fails, a retry is carried out again.
        """
        with suppress(BooksError, exc.IntegrityError), transaction() as db:
            self.keep(db, response)


def idempotent(view: View) -> View:
    """Let a route take an `Idempotency-Key`. Put it right below the decorator of `app.auth`.

    Once the write has begun, every response is kept that would be the same as long as the catalogue is: of errors those
    with the status 400, 404, 409 and 412. A 401, 403 or 429 and a 5xx say nothing about the request itself, and what
    is refused earlier (a malformed body) costs nothing to refuse again.
    """

    @wraps(view)
    def idempotent_view(*args: object, user: Principal, **kwargs: object) -> object:
        header = request.headers.get(IDEMPOTENCY_KEY)
        if header is None:
            return view(*args, user=user, **kwargs)
        attempt = g.attempt = Attempt(user, parse_key(header))
        try:
            response = make_response(view(*args, user=user, **kwargs))
        except Replayed as replayed:
            return replayed.response
        except (Invalid, NotFound, Conflict, VersionMismatch) as error:
            if not attempt.has_begun or isinstance(error, IdempotencyKeyInUse):
                raise
            attempt.is_kept = False  # what the transaction wrote is rolled back
            response = problem(error)
        if attempt.has_begun and not attempt.is_kept:
            attempt.keep_separately(response)
        return response

    declare_idempotency(idempotent_view)
    return idempotent_view


def kept(db: Session, response: Response) -> Response:
    """The response to a write, kept in its transaction if the request has an `Idempotency-Key`.

    Raises:
        TooManyRequests: the responses that are kept for the user take up too much room.
    """
    attempt = current_attempt()
    if attempt is not None:
        attempt.keep(db, response)
    return response


def current_attempt() -> Attempt | None:
    """The attempt that this request is; None without an `Idempotency-Key`."""
    attempt: Attempt | None = g.get("attempt")
    return attempt


def parse_key(header: str) -> str:
    """The key in a header: a string of structured fields (RFC 9651, section 3.3.3), or the bare key, as at Stripe.

    Raises:
        InvalidRequest: it is neither.
    """
    if not KEY.fullmatch(header):
        fault = Fault(IDEMPOTENCY_KEY, BAD_KEY, "header")
        msg = f"Invalid header: {fault}"
        raise InvalidRequest(msg, (fault,))
    return ESCAPED.sub(r"\1", header[1:-1]) if header.startswith('"') else header


def _fingerprint() -> str:
    """A digest of what a retry repeats: method, URL, body and preconditions."""
    if "body_digest" not in g and not has_no_body(request):
        msg = "a body with an Idempotency-Key was not read by `read_body`"
        raise RuntimeError(msg)
    preconditions = {name: value for name in PRECONDITIONS if (value := request.headers.get(name)) is not None}
    parts = [request.method, request.path, request.query_string.decode("latin-1"), g.get("body_digest"), preconditions]
    return sha256(json.dumps(parts).encode()).hexdigest()


def _replay(kept: Kept) -> Response:
    status, headers, body = kept.response
    response = Response(body, status, json.loads(headers))
    response.headers[REPLAYED] = "true"
    note_replay()
    if response.status_code >= 400:  # noqa: PLR2004  (an error)
        note_problem(json.loads(body)["code"])
    return response
