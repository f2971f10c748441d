"""The responses to requests to add a book, as the route of Flask would build them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.front.fast_lane.replies import Ready, Replies
from app.front.fast_lane.requests import LaneRequest
from app.rate_limiting.limits import WRITES
from app.web.caching import NO_STORE
from app.web.conditional import etag_for_codings
from app.web.content_codings import GZIP, Body, gzip_for
from app.web.media_types import JSON
from app.web.replies import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db.statement_times import StatementTimes
    from app.models.drafts import BookDraft
    from app.security.identity import Principal
    from app.web.state import State

CREATED = HTTPStatus.CREATED.value


class CreateReplies(Replies[LaneRequest]):
    """The responses to requests to add a book.

    Args:
        state: of the application.
        path: of the route.
    """

    method = "POST"

    def __init__(self, state: State, path: str) -> None:
        super().__init__(state)
        self._path = path

    def count(self, request: LaneRequest, user: Principal) -> bool:
        """Count a write. False: the limit is exceeded, and Flask says so."""
        request.usage = self._limits.hit(WRITES, str(user.id))
        return request.usage is None or request.usage.stats.allowed

    def uncount(self, request: LaneRequest, user: Principal) -> None:
        """Undo it, for a request that Flask will count."""
        if request.usage is not None:
            self._limits.give_back(WRITES, str(user.id))

    def send(self, created: Sequence[tuple[LaneRequest, BookDraft]], times: StatementTimes | None) -> None:
        """Send the books."""
        self.send_ready(self._path, [self._ready(request, book) for request, book in created], times)

    def _ready(self, request: LaneRequest, book: BookDraft) -> Ready[LaneRequest]:
        """The response that the route of Flask would build."""
        self.locate(request)
        accepted = request.environ.get("HTTP_ACCEPT_ENCODING")
        body = written(book.document, f"book '{book.title}' created").encode()
        headers = [
            (b"Content-Type", JSON.encode()),
            (b"ETag", f'"{etag_for_codings(book.document, accepted)}"'.encode()),
            (b"Location", f"{self._path}/{book.id}".encode()),
            (b"Cache-Control", NO_STORE.encode()),
            (b"Vary", b"Accept-Encoding"),
        ]
        if gzip_for(len(body), accepted):
            body = Body("", body).compressed()
            headers.append((b"Content-Encoding", GZIP.encode()))
        headers.append((b"Content-Length", str(len(body)).encode()))
        return Ready(request, CREATED, headers + self.common_headers(request), body)
