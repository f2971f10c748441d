"""The feed of changes over HTTP: its cursors, and waiting for news."""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore, Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

from flask import Response
from pydantic import MISSING

from app.db.bulkheads import Kind
from app.errors import InvalidCursor, TooManyFollowers
from app.events.feed_publisher import has_unpublished, publish
from app.queries.changes import FeedReader, Place, place_of
from app.web.caching import tag_of
from app.web.json_documents import array
from app.web.long_request_limit import LongRequestLimit
from app.web.media_types import JSON
from app.web.pagination import address_with
from app.web.rate_limits import address_key
from app.web.state import reading, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.schemas.changes import FeedQuery

NAME = "/changes"
"""The name of the feed in its cursors, whatever the kinds of records that a client asks for."""
NOW = "now"
WAITING = BoundedSemaphore(8)
"""Clients that wait in this process: each occupies a thread."""
OF_ADDRESS = LongRequestLimit(6)
"""Those of one address (IPv6: of one /64), so that it leaves places to others."""
ENDING = Event()
"""Set when the service stops: it does not wait for those who wait for changes."""
PAUSE = 0.2
"""Seconds between two looks for news."""


def feed_page(query: FeedQuery) -> Response:
    """The next changes. Waits for some if the client wants to.

    Raises:
        InvalidCursor, CursorExpired: see `FeedReader.page`.
        TooManyFollowers: too many clients are waiting.
    """
    documents, place = _read(query, None if query.since is MISSING else query.since)
    if not documents and query.wait and query.since != NOW:
        with _waiting():
            ends_at = monotonic() + query.wait
            while not documents and monotonic() < ends_at and not ENDING.is_set():
                sleep(PAUSE)
                documents, place = _read(query, _cursor(place))
    content, link = array(documents).encode(), f'<{address_with("since", _cursor(place))}>; rel="next"'
    response = Response(content, mimetype=JSON)
    response.headers["Link"] = link
    response.headers["ETag"] = f'W/"{tag_of(content, link.encode())}"'
    return response


def _read(query: FeedQuery, since: str | None) -> tuple[list[str], Place]:
    """Publish what is committed, as far as that needs no waiting, and read the next changes."""
    with reading(Kind.BOOK_LISTS) as connection:
        unpublished = has_unpublished(connection)
    if unpublished:
        state().database.write_without_waiting(publish)
    with reading(Kind.BOOK_LISTS) as connection:
        reader = FeedReader(connection)
        if since == NOW:
            return [], reader.end()
        place = reader.beginning() if since is None else _place(since)
        return reader.page(place, None if query.kind is MISSING else query.kind, query.limit)


@contextmanager
def _waiting() -> Iterator[None]:
    address = address_key()
    if not OF_ADDRESS.take(address):
        raise TooManyFollowers
    try:
        if not WAITING.acquire(blocking=False):
            raise TooManyFollowers
        try:
            yield
        finally:
            WAITING.release()
    finally:
        OF_ADDRESS.give_back(address)


def _place(cursor: str) -> Place:
    try:
        return place_of(state().cursors.decode(cursor, NAME))
    except InvalidCursor:
        raise InvalidCursor(parameter="since") from None


def _cursor(place: Place) -> str:
    return state().cursors.encode(list(place), NAME)
