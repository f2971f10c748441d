"""Encrypt the secrets of second factors and of webhooks again, after SECRET_KEY was changed.

The former key must be in SECRET_KEYS_OLD; afterwards it may be removed. The service may run meanwhile. A secret is also
encrypted again when its user logs in with a code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.database import open_database
from app.domain.names import pluralize
from app.errors import BooksError
from app.models import User, Webhook
from app.security.sealing import Sealer
from app.security.signing_keys import signing_secrets
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.database import Database

AT_ONCE = 500
"""Users that one transaction locks."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    arguments_of("rotate_secrets", __doc__).parse_args(arguments)
    with failures_in_one_line("rotate_secrets"):
        settings = load_settings()
        rotate(open_database(settings), Sealer(signing_secrets(settings)))


def rotate(database: Database, sealer: Sealer) -> None:
    """Seal each secret with the current key, unless it is already.

    Raises:
        SecretsUnreadable: some were sealed with a key that is not configured. The others are sealed again.
    """
    with database.reading() as connection:
        user_ids = connection.scalars(select(User.id).where(User.totp_secret.is_not(None)).order_by(User.id)).all()
    rotated = unreadable = 0
    for start in range(0, len(user_ids), AT_ONCE):
        more_rotated, more_unreadable = _rotate_some(database, sealer, user_ids[start : start + AT_ONCE])
        rotated, unreadable = rotated + more_rotated, unreadable + more_unreadable
    with database.transaction() as db:
        of_webhooks, more_rotated, more_unreadable = _rotate_webhooks(db, sealer)
    rotated, unreadable = rotated + more_rotated, unreadable + more_unreadable
    console.print(f"{pluralize(rotated, 'secret')} encrypted again, of {len(user_ids) + of_webhooks}.")
    if unreadable:
        msg = f"{pluralize(unreadable, 'secret')} cannot be decrypted: add the former SECRET_KEY to SECRET_KEYS_OLD"
        raise SecretsUnreadable(msg)


def _rotate_some(database: Database, sealer: Sealer, user_ids: Sequence[int]) -> tuple[int, int]:
    """Returns: how many were sealed again, and how many could not be opened."""
    rotated = unreadable = 0
    with database.transaction() as db:
        users = select(User).where(User.id.in_(user_ids)).order_by(User.id).with_for_update(key_share=True)
        for user in db.scalars(users):
            sealed = user.totp_secret
            if sealed is None or sealer.is_current(sealed):
                continue
            secret = sealer.open(sealed)
            if secret is None:
                unreadable += 1
            else:
                user.totp_secret = sealer.seal(secret)
                rotated += 1
    return rotated, unreadable


def _rotate_webhooks(db: Session, sealer: Sealer) -> tuple[int, int, int]:
    """Returns: how many secrets webhooks have, how many were sealed again, and how many could not be opened."""
    total = rotated = unreadable = 0
    for webhook in db.scalars(select(Webhook).order_by(Webhook.id).with_for_update(key_share=True)):
        for name in ("secret", "former_secret"):
            sealed = getattr(webhook, name)
            if sealed is None:
                continue
            total += 1
            if sealer.is_current(sealed):
                continue
            secret = sealer.open(sealed)
            if secret is None:
                unreadable += 1
            else:
                setattr(webhook, name, sealer.seal(secret))
                rotated += 1
    return total, rotated, unreadable


class SecretsUnreadable(BooksError):
    """Secrets were sealed with a key that is not configured."""


if __name__ == "__main__":
    main()
