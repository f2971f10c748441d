"""The transaction of a write. Its principal is checked again inside, since it may begin long after the request did."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from flask import g
from sqlalchemy import exc

from app.errors import NotAdmin, RoleLost, TokenInvalid, UserNotFound
from app.events.changes import Origin, limit_consequences, origin_of, set_origin, size_of_changes, write_changes
from app.queries.keys import KeyReader
from app.queries.sessions import SessionReader
from app.services.accounts.users import UserService
from app.services.cleanup.after_write import remove_unused
from app.web.confirmation import require_confirmed, require_second_factor
from app.web.idempotency import current_attempt
from app.web.rate_limits import limit_all_records, limit_changes
from app.web.state import state, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.events.changes import Via
    from app.models import User
    from app.security.identity import Principal


@contextmanager
def writing(user: Principal, *, is_part: bool = False) -> Iterator[Session]:
    """The transaction of a write, committed only if its principal may still make it.

    Genres and words of search that it leaves without any record are removed afterwards.

    In a route that takes an `Idempotency-Key`, the block must build the response, and keep it with
    `app.web.idempotency.kept`. The block does not run if the request is a retry.

    The request may have waited for its body or for a lock, and a batch may run for seconds: meanwhile the session may
    have ended, the key may have been revoked, the user may have been disabled. So the principal is checked again, as
    the last statement: the write then either precedes the revocation, or is rolled back.

    Args:
        user: the principal.
        is_part: whether the write has several transactions. Its response is then kept after the last one, so that a
            retry of a write which was interrupted is carried out again: each part must be able to bear that.

    Raises:
        TokenInvalid: the session has ended, the key has expired or was revoked, or the user is disabled.
        RoleLost: the user was an admin when the request began, and no longer is.
        TooManyRequests: the changes of the account take too much room, or concern too many records.
        Replayed, IdempotencyKeyInUse, IdempotencyKeyReused: the request is a retry, or its key has another use.
    """
    attempt = current_attempt()
    try:
        with transaction() as db:
            via: Via = "key" if user.session_id is None else "session"
            set_origin(db, Origin(user.id, via, g.request_id))
            if not is_part:  # of a write whose records were counted before it began
                limit_consequences(db, partial(limit_all_records, user.id))
            if attempt is not None:
                attempt.begin(db)
            yield db
            if attempt is not None and not is_part and not attempt.is_kept:
                msg = "a write with an Idempotency-Key did not keep its response"
                raise RuntimeError(msg)
            if origin_of(db).via != "import":  # of which the size of the file is limited
                limit_changes(user.id, size_of_changes(db))
            write_changes(db)
            require_still_allowed(db, user)
        remove_unused(state().database, db)
        if attempt is not None:
            state().kept_responses.sweep_if_due(state().database)
    except exc.IntegrityError:  # most likely `created_by` names a user who was deleted meanwhile
        with transaction() as db:
            require_still_valid(db, user)
        raise


def require_still_allowed(db: Session, user: Principal) -> None:
    """Check again, as the last statement of a write, that its principal may make it.

    Raises:
        TokenInvalid: the session has ended, the key has expired or was revoked, or the user is disabled.
        SecondFactorMissing: the user no longer has the second factor that the account must have.
        RoleLost: the user was an admin when the request began, and no longer is.
    """
    now = require_still_valid(db, user)
    require_second_factor(now)
    if user.is_admin and not now.is_admin:
        raise RoleLost


def require_still_valid(db: Session, user: Principal) -> Principal:
    """Check the session or key again, inside the transaction, and lock it and its user until the transaction ends.

    Call it once the transaction has its other locks: otherwise a session that has ended could still create something
    that outlasts it.

    Returns: the current state of the principal.

    Raises:
        TokenInvalid: the session has ended, the key has expired or was revoked, or the user is disabled.
        ConfirmationRequired: the operation needs a recent confirmation, and the last one is too old by now.
    """
    connection = db.connection()
    by_key = user.session_id is None
    now = KeyReader(connection).still_valid(user) if by_key else SessionReader(connection).still_signed_in(user)
    if now is None:
        raise TokenInvalid
    if user.must_be_confirmed:
        require_confirmed(now)
    return now


def lock_own_account(db: Session, user: Principal) -> User:
    """Lock the user of the request, and check the session or key again.

    Raises:
        TokenInvalid: the session has ended, the key has expired or was revoked, or the user is disabled or deleted.
    """
    with deleted_meanwhile():
        locked = UserService(db).get(user.id)
    require_still_valid(db, user)
    return locked


@contextmanager
def deleted_meanwhile() -> Iterator[None]:
    """Around a look-up of the user of the request, who may have been deleted after the credentials were checked.

    Raises:
        TokenInvalid: the block found no such user.
    """
    try:
        yield
    except UserNotFound:
        raise TokenInvalid from None


def require_still_admin(db: Session, user: Principal) -> None:
    """Check again, inside the transaction, that the user is an admin: the role or the session may have been revoked.

    Otherwise an admin who sends many requests at once could regain the role through one that is still waiting.

    Raises:
        TokenInvalid: the session has ended, or the user is disabled.
        NotAdmin: the user no longer has the role.
        SecondFactorMissing: the user no longer has the second factor that admins must have.
    """
    now = require_still_valid(db, user)
    if not now.is_admin:
        raise NotAdmin
    require_second_factor(now)
