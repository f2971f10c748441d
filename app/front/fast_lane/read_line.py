"""The line of a frequent read."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from app.errors import BooksError
from app.front.fast_lane.line import Line, refuse_if_long
from app.front.fast_lane.requests import ReadRequest
from app.front.response_sender import LARGEST_WHOLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.database import Database
    from app.front.fast_lane.read_replies import ReadReplies
    from app.front.fast_lane.reads import Route


class ReadLine(Line[ReadRequest]):
    """The requests for one route that wait, and the thread that answers them."""

    def __init__(self, route: Route, database: Database, replies: ReadReplies) -> None:
        super().__init__(replies)
        self.route = route
        self._database, self._replies = database, replies

    def answer(self, batch: Sequence[ReadRequest]) -> None:
        """See `Line`."""
        allowed = [request for request in batch if self._replies.count(request)]
        if not allowed:
            return
        times, began = self._replies.begin_measuring(), monotonic()
        try:
            with self._database.reading(self.route.kind, wait=False) as connection:
                found = self.route.read(connection, allowed)
        except Exception as error:
            for request in allowed:
                self._replies.uncount(request)
                refuse_if_long(request, error, began)
            if isinstance(error, BooksError):
                return
            raise
        answers = []
        for request, content in zip(allowed, found, strict=True):
            if content is None or len(content.body) > LARGEST_WHOLE:  # such a response is sent in parts
                self._replies.uncount(request)
            else:
                answers.append((request, content))
        self._replies.send(self.route, answers, times)
