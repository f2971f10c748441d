"""The responses to reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.front.fast_lane.replies import Ready, Replies
from app.front.fast_lane.requests import ReadRequest
from app.web.caching import NO_CACHE, OF_CONTENT, OK
from app.web.conditional import not_modified
from app.web.content_codings import GZIP, Body, gzip_for
from app.web.media_types import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.db.statement_times import StatementTimes
    from app.front.fast_lane.reads import Content, Route

NOT_MODIFIED = 304
TEXT = "latin-1"
"""The encoding of header values on the wire."""
LEFT_OUT = frozenset(name.encode() for name in OF_CONTENT)


class ReadReplies(Replies[ReadRequest]):
    """The responses to reads."""

    method = "GET"

    def count(self, request: ReadRequest) -> bool:
        """Count a read. False: the limit is exceeded, and Flask says so."""
        self.locate(request)
        request.usage = self._limits.read(request.network)
        return request.usage is None or request.usage.stats.allowed

    def uncount(self, request: ReadRequest) -> None:
        """Undo it, for a response that is free, or a request that Flask will count."""
        if request.usage is not None:
            request.usage = self._limits.give_back_read(request.network) or request.usage

    def send(self, route: Route, answers: Iterable[tuple[ReadRequest, Content]], times: StatementTimes | None) -> None:
        """Send the contents that were read."""
        self.send_ready(route.template, [self._ready(request, content) for request, content in answers], times)

    def _ready(self, request: ReadRequest, content: Content) -> Ready[ReadRequest]:
        """The response, compressed or left out as `app.web.caching` would."""
        environ, body, tag = request.environ, content.body, content.tag
        headers = [(b"Content-Type", JSON.encode())]
        if gzip_for(len(body), environ.get("HTTP_ACCEPT_ENCODING")):
            body = Body(tag, body).compressed()
            tag = f'{tag[:-1]}-{GZIP}"'
            headers.append((b"Content-Encoding", GZIP.encode()))
        if content.link is not None:
            headers.append((b"Link", content.link.encode(TEXT)))
        headers += [(b"Cache-Control", NO_CACHE.encode()), (b"Vary", content.vary), (b"ETag", tag.encode())]
        status = OK
        if "HTTP_IF_NONE_MATCH" in environ and not_modified(tag, environ["HTTP_IF_NONE_MATCH"]):
            status, body = NOT_MODIFIED, b""
            headers = [(name, value) for name, value in headers if name not in LEFT_OUT]
            self.uncount(request)
        else:
            headers.append((b"Content-Length", str(len(body)).encode()))
        return Ready(request, status, headers + self.common_headers(request), body)
