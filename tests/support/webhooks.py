"""Webhooks as their receivers see them, and a deliverer that a test drives."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import time_machine
from standardwebhooks import Webhook as Verifier

from app.events.webhooks.delivery import Deliverer
from app.outbound.posting import EndpointResponse, NotSent
from app.security.sealing import Sealer
from devtools.databases import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.database import Database
    from tests.support.client import Client

OK = EndpointResponse(200, "", "")
FAILED = EndpointResponse(500, "out of order", "")
URL = "https://receiver.example/books"


@dataclass
class Message:
    """A message as it arrived."""

    url: str
    headers: dict[str, str]
    content: bytes
    at: datetime

    @property
    def id(self) -> str:
        """The same for all attempts."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The body, after the official library has verified the message at the time of its arrival.

        Raises:
            WebhookVerificationError: it is not signed with this secret.
        """
        with time_machine.travel(self.at, tick=False):
            body: dict[str, Any] = Verifier(secret).verify(self.content, self.headers)
        return body


@dataclass
class Receiver:
    """Stands in for `Sender`: keeps the messages, and answers what a test wants."""

    answer: Callable[[Message], EndpointResponse | str] = lambda _message: OK
    messages: list[Message] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(hours=1))
    """The deliverer's clock: ahead of the real one, so that only a test moves it."""

    def time(self) -> datetime:
        """The time."""
        return self.now

    def post(self, address: str, headers: Mapping[str, str], content: bytes) -> EndpointResponse:
        """As `Sender` does."""
        message = Message(address, dict(headers), content, self.now)
        self.messages.append(message)
        answer = self.answer(message)
        if isinstance(answer, str):
            raise NotSent(answer)
        return answer

    def take(self) -> list[Message]:
        """The messages since the last time."""
        taken, self.messages = self.messages, []
        return taken


class AtOnce(Executor):
    """Runs what is submitted before it returns."""

    def submit(self, work: Any, /, *arguments: Any, **more: Any) -> Future[Any]:
        """As executors do."""
        future: Future[Any] = Future()
        future.set_result(work(*arguments, **more))
        return future


@dataclass
class Delivering:
    """A deliverer that works when a test says so."""

    deliverer: Deliverer
    receiver: Receiver

    @classmethod
    def on(cls, database: Database, root: str = "") -> Delivering:
        """One that works on this database."""
        receiver = Receiver()
        options: Any = {"root": root, "now": receiver.time, "threads": AtOnce()}
        return cls(Deliverer(database, Sealer([SECRET]), receiver, **options), receiver)  # type: ignore[arg-type]  # a stand-in

    def round(self, after: timedelta = timedelta()) -> list[Message]:
        """What is delivered in one round, some time later."""
        self.receiver.now += after
        self.deliverer.work()
        return self.receiver.take()

    def rounds(self) -> list[Message]:
        """What is delivered until nothing is due."""
        found: list[Message] = []
        while more := self.round():
            found += more
        return found


def create_webhook(admin: Client, **fields: Any) -> dict[str, Any]:
    """A new webhook as the response shows it, with its secret."""
    created: dict[str, Any] = admin.post("/webhooks", json={"url": URL} | fields).raise_for_status().json()
    return created


def deliveries_of(admin: Client, webhook: dict[str, Any], **parameters: str) -> list[dict[str, Any]]:
    """The deliveries of a webhook, as an admin lists them."""
    found: list[dict[str, Any]] = admin.get(f"/webhooks/{webhook['id']}/deliveries", params=parameters).json()
    return found


def state_of(admin: Client, webhook: dict[str, Any]) -> dict[str, Any]:
    """A webhook as it is now, without its secret."""
    found: dict[str, Any] = admin.get(f"/webhooks/{webhook['id']}").json()
    return found
