"""Fixtures of the HTTP tests: the log as it is written, requests that httpx would not send, and other services."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.main import create_app
from app.models import User
from app.observability import logs
from app.observability.logs import configure_logs
from app.security.roles import ADMIN
from app.settings import Settings
from devtools.databases import settings_for
from tests.api.responses import user_id
from tests.support.client import Client
from tests.support.factories import isbn13
from tests.support.forging_provider import CLIENT_ID, CLIENT_SECRET
from tests.support.idempotency import KEY, is_replayed, repeated
from tests.support.webhooks import Delivering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx
    from flask import Flask

    from app.database import Database
    from devtools.databases import DatabaseInside
    from tests.support.copied_users import UserCopies
    from tests.support.factories import Factory
    from tests.support.forging_provider import ForgingProvider
    from tests.support.openapi_contract import OpenApiContract
    from tests.support.users import SignedInUser


@pytest.fixture
def log(app: Flask, settings: Settings) -> Iterator[io.StringIO]:  # noqa: ARG001  (the app sets up the log too)
    """What the service writes to its log, as JSON lines."""
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "STANDARD_ERROR", written)
        configure_logs(settings.model_copy(update={"log_format": "json"}))
    yield written
    configure_logs(settings)


@pytest.fixture
def alice(user_copies: UserCopies) -> SignedInUser:
    """A user, and one session with its tokens."""
    return user_copies.new()


@pytest.fixture
def bob(user_copies: UserCopies) -> SignedInUser:
    """Another user."""
    return user_copies.new()


@pytest.fixture
def through(app: Flask, contract: OpenApiContract) -> Callable[..., Client]:
    """A client whose requests reach the service with other WSGI variables: `through(HTTP_AUTHORIZATION="…")`."""

    def client(**variables: object) -> Client:
        def altered(environ: dict[str, Any], start_response: Any) -> Any:
            return app(environ | variables, start_response)

        return Client(cast("Flask", altered), contract)

    return client


@pytest.fixture
def service_with(settings: Settings, database: DatabaseInside, contract: OpenApiContract) -> Callable[..., Client]:
    """A client of a service with other settings, on the test's database: `service_with(password_min_length=12)`."""

    def client(**changes: object) -> Client:
        return Client(create_app(Settings.model_validate(dict(settings) | changes), database), contract)

    return client


@pytest.fixture
def own_client(own_database: Database, own_url: str, tmp_path: Path, contract: OpenApiContract) -> Client:
    """An anonymous client of a service on that database."""
    return Client(create_app(settings_for(own_url, instance_path=tmp_path), own_database), contract)


@dataclass
class Clock:
    """The clock by which the service checks codes. It stands still."""

    now: float = 1_800_000_010.0

    def time(self) -> float:
        """Seconds since the epoch."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the test sets."""
    clock = Clock()
    monkeypatch.setattr("app.services.accounts.second_factor.time", clock)
    return clock


@pytest.fixture
def oidc_with(
    service_with: Callable[..., Client], provider: ForgingProvider, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Client]:
    """A client of a service with which users sign in at the provider: `oidc_with(oidc_registration=True)`."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)  # the provider has no TLS, and to read all authorities takes 40 ms

    def client(**changes: object) -> Client:
        settings = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
        return service_with(**settings | changes)

    return client


@pytest.fixture
def oidc(oidc_with: Callable[..., Client]) -> Client:
    """A client of a service that creates accounts at the first sign-in."""
    return oidc_with(oidc_registration=True)


@pytest.fixture
def twice(member: Client) -> Callable[..., httpx.Response]:
    """Sends a request twice with one key. Returns: the first response, which the second one repeats."""

    def send(method: str, path: str, **options: Any) -> httpx.Response:
        options["headers"] = KEY | options.get("headers", {})
        first, second = (member.request(method, path, **options) for _ in range(2))
        assert [is_replayed(reply) for reply in (first, second)] == [False, True]
        assert repeated(first) == repeated(second)
        return first

    return send


@pytest.fixture
def delivering(database: DatabaseInside) -> Delivering:
    """A deliverer of webhooks on the test's database, which works when the test says so."""
    return Delivering.on(database, "https://books.example")


@pytest.fixture
def limited(service_with: Callable[..., Client]) -> Callable[..., Client]:
    """A client of a service with limits: `limited(rate_limit_writes="2/minute")`."""

    def client(**limits: str) -> Client:
        return service_with(rate_limit_enabled=True, trusted_proxies="127.0.0.1", **limits)

    return client


@pytest.fixture
def by_invitation(service_with: Callable[..., Client]) -> Client:
    """An anonymous client of a service where only invited people register."""
    return service_with(registration="invite")


@pytest.fixture
def issuer(make: Factory, admin: Client, database: DatabaseInside) -> Client:
    """An admin, beside another, who may lose the role."""
    assert admin.get("/users").status_code == 200
    issuer = make.user("issuer")
    database.mark(User, user_id(issuer), role=ADMIN)
    return issuer


@pytest.fixture
def varied_books(member: Client, make: Factory) -> list[dict[str, Any]]:
    """Books of which each filter of lists finds some. The first author has the id 1."""
    for number in (1, 2):
        make.author(member, id=number)
    books = [
        {
            "title": f"{'ACBD'[number % 4]} {number % 5}",
            "contributors": [{"author_id": 1 + number % 2}, *([{"author_id": 1, "role": "trl"}] if number % 3 else [])],
            "genres": [name for name, step in (("Even", 2), ("Third", 3)) if number % step == 0],
            "language": ("en", "en-US", "fr", None)[number % 4],
            "publisher": (None, "Press")[number % 2],
            "series": ("Saga", None, None)[number % 3],
            "series_position": (3, None, 1.5, 2)[number % 4],
            "published_year": 1900 + number if number % 7 else None,
            "isbn": isbn13(number) if number % 5 else None,
            "identifiers": [{"type": "oclc", "value": str(7 + number % 4 // 3)}],
        }
        for number in range(18)
    ]
    member.post("/books/batch", json={"books": books}).raise_for_status()
    return list(member.get("/books").raise_for_status().json())
