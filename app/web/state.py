"""The state of an application, and access to it from a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from app.db.bulkheads import Kind
from app.services.idempotency import Expiry
from app.web.proxies import network_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.database import Database
    from app.oidc.pending_sign_ins import PendingSignIns
    from app.oidc.provider import Provider
    from app.rate_limiting.limits import RateLimits
    from app.security.sealing import Sealer
    from app.security.tokens import Tokens
    from app.services.signing_in import SignIn
    from app.settings import Settings
    from app.web.cursors import Cursors
    from app.web.readiness import Readiness

EXTENSION = "books-api"
WRITE_BOOKS = frozenset({"books", "batches", "imports", "facets"})
"""Blueprints whose writes need the tables of books; those of any other need tables of its own."""


@dataclass(frozen=True)
class OidcSignIn:
    """Sign-in at an OpenID provider."""

    provider: Provider
    pending: PendingSignIns


@dataclass(frozen=True)
class State:
    """The parts of one application."""

    settings: Settings
    database: Database
    signing: tuple[str, ...]
    """The signing secret, followed by former ones."""
    tokens: Tokens
    sealer: Sealer
    cursors: Cursors
    signing_in: SignIn
    limits: RateLimits
    readiness: Readiness
    oidc: OidcSignIn | None
    """None without `OIDC_ISSUER`."""
    kept_responses: Expiry = field(default_factory=Expiry)


def state() -> State:
    """The state of the application that handles this request."""
    return cast("State", current_app.extensions[EXTENSION])


def transaction() -> AbstractContextManager[Session]:
    """The request's one transaction: commit when the block succeeds, roll back when it raises."""
    blueprint = request.blueprint or ""
    subject = "books" if blueprint in WRITE_BOOKS else blueprint
    return state().database.transaction(network_of(request.remote_addr or ""), subject)


def reading_for(kind: Kind) -> Callable[[], AbstractContextManager[Connection]]:
    """The same as `reading`, for what is read when the request is answered already."""
    return partial(state().database.reading, kind, network_of(request.remote_addr or ""))


def reading(kind: Kind = Kind.ACCOUNTS) -> AbstractContextManager[Connection]:
    """A connection for a request that only reads, within the limit of its kind of work."""
    return state().database.reading(kind, network_of(request.remote_addr or ""))
