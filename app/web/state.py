"""What one running service is made of, and the way to it from a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app

from app.db.bulkheads import Kind

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.database import Database
    from app.security.tokens import Tokens
    from app.services.signing_in import SignIn
    from app.settings import Settings
    from app.web.cursors import Cursors
    from app.web.rate_limits import RateLimits

EXTENSION = "books-api"


@dataclass(frozen=True)
class Service:
    """The parts of one application."""

    settings: Settings
    database: Database
    signing: tuple[str, ...]
    """The secret that signs, and after it those that signed before."""
    tokens: Tokens
    cursors: Cursors
    signing_in: SignIn
    limits: RateLimits


def service() -> Service:
    """The service that answers this request."""
    return cast("Service", current_app.extensions[EXTENSION])


def transaction() -> AbstractContextManager[Session]:
    """The request's one transaction: commit when the block succeeds, roll back when it raises."""
    return service().database.transaction()


def reading(kind: Kind = Kind.ACCOUNTS) -> AbstractContextManager[Connection]:
    """A connection for a request that only reads, from the share of its kind."""
    return service().database.reading(kind)
