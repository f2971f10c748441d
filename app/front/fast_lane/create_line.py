"""The line of new books: those that are posted at the same time are written in one transaction."""

from __future__ import annotations

import re
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError
from sqlalchemy import exc

from app.auth import principal_of, require_writer
from app.errors import BooksError, DatabaseBusy, Unavailable
from app.events.changes import Origin, write_changes
from app.front.fast_lane.create_replies import CreateReplies
from app.front.fast_lane.line import Line, refuse_if_long
from app.front.fast_lane.requests import LaneRequest
from app.schemas.books import BookCreate
from app.services.grouped_creates import Creation, create_together, suits
from app.web.bodies import REFUSAL_KEY
from app.web.media_types import JSON
from app.web.rate_limits import COUNTED_CHANGES
from app.web.request_log import SENDER, principal_fields, request_id
from app.web.write_transaction import require_still_allowed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from app.db.statement_times import StatementTimes
    from app.models.drafts import BookDraft
    from app.security.identity import Principal
    from app.settings import Settings
    from app.web.state import State

ENDPOINT = "books.create_book"
MEDIA_TYPES = frozenset({JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=utf-8"})
"""The spellings of the media type that clients send."""
MOST_BYTES = COUNTED_CHANGES
"""Bytes of a body from which on it is Flask's: so large a record counts towards further limits."""
UNUSUAL = frozenset({"HTTP_IDEMPOTENCY_KEY", "HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING"})
"""Headers that make a request Flask's."""
PATIENCE = 0.5
"""Seconds that a group waits for each connection and lock: one blocked book must not keep the others waiting, and a
deadlock, which PostgreSQL looks for after a second, is over before."""
SMALL = re.compile(r"[0-9]{1,6}")
"""A `Content-Length` worth looking at."""


class Admitted(NamedTuple):
    """A request of a principal who may add a book, with a valid one."""

    request: LaneRequest
    user: Principal
    data: BookCreate


class CreateLine(Line[LaneRequest]):
    """The requests to add a book that wait, and the thread that answers them.

    A group has one transaction. If that fails before its commit, whatever the reason, each request is Flask's as if it
    had just arrived. From the commit on none is, since its book may exist: it gets the error.

    Args:
        app: the application whose route it is.
        state: its state.
    """

    def __init__(self, app: Flask, state: State) -> None:
        self._app, self._settings, self._database = app, state.settings, state.database
        self._path = next(app.url_map.iter_rules(ENDPOINT)).rule
        self._replies = CreateReplies(state, self._path)
        super().__init__(self._replies)

    @staticmethod
    def is_open(settings: Settings) -> bool:
        """Whether the settings allow it: a quota is counted for each member alone."""
        return settings.quota_records is None

    def understands(self, environ: WSGIEnvironment) -> bool:
        """Whether a request, of which only the headers are read, is one for this line."""
        if environ["PATH_INFO"] != self._path or environ["REQUEST_METHOD"] != "POST" or environ["QUERY_STRING"]:
            return False
        size = environ.get("CONTENT_LENGTH", "")
        is_small = SMALL.fullmatch(size) and int(size) < min(MOST_BYTES, self._settings.max_body_size)
        is_usual = environ.get("CONTENT_TYPE") in MEDIA_TYPES and UNUSUAL.isdisjoint(environ)
        return bool(is_small) and is_usual and "HTTP_AUTHORIZATION" in environ

    def answer(self, batch: Sequence[LaneRequest]) -> None:
        """See `Line`."""
        with self._app.app_context():
            times, began = self._replies.begin_measuring(), monotonic()
            try:
                admitted = self._admitted(batch)
            except Unavailable as error:
                refuse_if_long(batch[0], error, began)  # the others wait in threads, beside each other
                return
            try:
                if admitted:
                    self._create(admitted, times)
            finally:
                for one in admitted:
                    if not one.request.is_answered and REFUSAL_KEY not in one.request.environ:
                        self._replies.uncount(one.request, one.user)

    def _admitted(self, batch: Sequence[LaneRequest]) -> list[Admitted]:
        """Those that may go on, counted; the others are Flask's.

        Raises:
            Unavailable: a principal cannot be looked up. None is counted.
        """
        tokens = {request.environ["HTTP_AUTHORIZATION"] for request in batch}
        writers = {token: self._writer(token) for token in tokens}
        valid = []
        for request in batch:
            user, data = writers[request.environ["HTTP_AUTHORIZATION"]], self._data_of(request)
            if user is not None and data is not None:
                valid.append(Admitted(request, user, data))
        return [one for one in valid if self._replies.count(one.request, one.user)]

    def _writer(self, authorization: str) -> Principal | None:
        try:
            user = principal_of(authorization, partial(self._database.reading, patience=PATIENCE))
            require_writer(user)
        except Unavailable:
            raise
        except BooksError:
            return None
        return user

    def _data_of(self, request: LaneRequest) -> BookCreate | None:
        body = request.environ["wsgi.input"].read()
        request.environ["wsgi.input"].seek(0)
        try:
            data = BookCreate.model_validate_json(body, context=self._settings)
        except ValidationError:
            return None
        return data if suits(data) else None

    def _create(self, admitted: Sequence[Admitted], times: StatementTimes | None) -> None:
        began, may_be_written = monotonic(), False
        made: list[tuple[LaneRequest, BookDraft]] = []
        try:
            with self._database.transaction(subject="books", patience=PATIENCE) as db:
                books = create_together(db, [_creation(one) for one in admitted], COUNTED_CHANGES)
                write_changes(db)
                pairs = [(one, book) for one, book in zip(admitted, books, strict=True) if book is not None]
                for user in sorted({one.user for one, _ in pairs}, key=attrgetter("id")):
                    require_still_allowed(db, user)
                made, may_be_written = [(one.request, book) for one, book in pairs], True
            self._replies.send(made, times)
        except Exception as error:
            for request, _ in made:
                request.environ |= {REFUSAL_KEY: error, SENDER: request.principal}
            if may_be_written:
                return
            if not isinstance(error, DatabaseBusy):  # of which one of them may be the cause
                for one in admitted:
                    refuse_if_long(one.request, error, began)
            if not isinstance(error, BooksError | exc.IntegrityError):
                raise


def _creation(admitted: Admitted) -> Creation:
    request, user, data = admitted
    request.principal, request.request_id = principal_fields(user), request_id(request.environ)
    return Creation(data, Origin(user.id, "key" if user.session_id is None else "session", request.request_id))
