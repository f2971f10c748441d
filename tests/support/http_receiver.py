"""A receiver of webhooks: an HTTP server in a thread of the test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING

from tests.support.webhooks import Message

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class HttpReceiver:
    """What arrived, and whether responses wait."""

    url: str = ""
    messages: list[Message] = field(default_factory=list)
    may_answer: Event = field(default_factory=Event)


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    """A receiver that answers with 204, at once unless `may_answer` is cleared."""
    receiver = HttpReceiver()
    receiver.may_answer.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.messages.append(Message(self.path, dict(self.headers.items()), content, datetime.now(UTC)))
            receiver.may_answer.wait(30)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's)
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/books"
        thread = Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
