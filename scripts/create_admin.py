"""Create an admin, or make an existing user one.

The password of a new user is prompted for, or read from standard input if that is not a terminal. An existing user
keeps the password, becomes an admin, has to sign in again, and is enabled if the account was disabled. With
--reset-password it also prints a link to set a new password, for an admin who has forgotten the old one. With
--remove-second-factor a login needs no code any more, for an admin who has lost the authenticator app. With --subject
the user may sign in at the provider of OIDC_ISSUER as the user whom it knows by this subject; a new user then needs no
password.
"""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy import select

from app.database import open_database
from app.domain.names import name_key
from app.errors import BooksError
from app.events import audit
from app.models import User
from app.schemas.accounts import Registration, checked_username
from app.schemas.users import UserChange
from app.schemas.validation_errors import rejected_body
from app.security.hashing import NO_PASSWORD, Hasher
from app.security.identity import SUBJECT, ExternalIdentity
from app.security.roles import ADMIN
from app.services.accounts.identities import IdentityService
from app.services.accounts.registration import register
from app.services.accounts.second_factor import turn_off
from app.services.accounts.users import UserService, lock_admins
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database
    from app.settings import Settings


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("create_admin", __doc__)
    parser.add_argument("username", metavar="USERNAME", help="the user's name")
    parser.add_argument(
        "--reset-password", action="store_true", help="print a single-use link that sets a new password"
    )
    parser.add_argument(
        "--remove-second-factor", action="store_true", help="remove the second factor, so that the password is enough"
    )
    parser.add_argument("--subject", help="link this subject of the OpenID provider (the claim `sub`) to the user")
    options = parser.parse_args(arguments)
    with failures_in_one_line("create_admin"):
        settings = load_settings()
        _require_possible(settings, options)
        database = open_database(settings)
        if not _promote(database, options.username):
            _register(database, settings, options.username, with_password=options.subject is None)
        if options.subject is not None:
            _link(database, ExternalIdentity(str(settings.oidc_issuer), options.subject, None), options.username)
        if options.remove_second_factor:
            _remove_second_factor(database, options.username)
        if options.reset_password:
            _issue_reset(database, settings, options.username)


def _require_possible(settings: Settings, options: argparse.Namespace) -> None:
    """Check the options before anything is changed.

    Raises:
        OptionsRejected: the settings do not allow them.
    """
    if options.subject is not None and (settings.oidc_issuer is None or not SUBJECT.fullmatch(options.subject)):
        msg = "--subject needs OIDC_ISSUER, and must be 1 to 255 ASCII characters"
        raise OptionsRejected(msg)
    if options.reset_password and not settings.password_sign_in:
        msg = "--reset-password is of no use while PASSWORD_SIGN_IN is false"
        raise OptionsRejected(msg)


def _promote(database: Database, username: str) -> bool:
    """Make the user of that name an enabled admin; False if there is no such user."""
    with database.transaction() as db:
        lock_admins(db)
        user_id = db.scalar(select(User.id).where(User.username_key == name_key(username)))
        if user_id is None:
            return False
        users = UserService(db)
        user = users.get(user_id)
        was_member, was_disabled = user.role != ADMIN, user.disabled_at is not None
        users.change(user, UserChange(role=ADMIN, disabled=False))
        if was_member:
            audit.note(db, "role_changed", user_id=user_id, role=ADMIN, by="create_admin")
        if was_disabled:
            audit.note(db, "user_enabled", user_id=user_id, by="create_admin")
    console.print(f"'{user.username}' is an admin.", markup=False)
    return True


def _register(database: Database, settings: Settings, username: str, *, with_password: bool) -> None:
    """Create the user, as an admin.

    Raises:
        RegistrationRejected: the name or the password breaks a rule.
        OptionsRejected: the user could not sign in.
    """
    if not with_password or not settings.password_sign_in:
        if with_password and settings.trusted_user_header is None:
            msg = "give --subject: PASSWORD_SIGN_IN is false, and a new user could not sign in otherwise"
            raise OptionsRejected(msg)
        _register_without_password(database, username)
        return
    try:
        data = Registration.model_validate({"username": username, "password": _password()}, context=settings)
    except ValidationError as error:
        msg = "; ".join(map(str, rejected_body(error).faults))
        raise RegistrationRejected(msg) from None
    user = register(database, Hasher(settings).hash, data, ADMIN, by="create_admin")
    console.print(f"'{user.username}' is a new user, and an admin.", markup=False)


def _register_without_password(database: Database, username: str) -> None:
    """Create the user, as an admin who signs in at the provider or the proxy.

    Raises:
        RegistrationRejected: the name breaks a rule.
    """
    try:
        name = checked_username(username)
    except ValueError as error:
        msg = f"username: {error}"
        raise RegistrationRejected(msg) from None
    with database.transaction() as db:
        user = UserService(db).register(name, NO_PASSWORD, ADMIN)
        audit.note(db, "registered", user_id=user.id, role=ADMIN, by="create_admin")
    console.print(f"'{user.username}' is a new user without a password, and an admin.", markup=False)


def _link(database: Database, identity: ExternalIdentity, username: str) -> None:
    """Link the identity to the user, unless it is already.

    Raises:
        IdentityTaken: it is linked to another user.
    """
    with database.transaction() as db:
        user = db.scalars(select(User).where(User.username_key == name_key(username)).with_for_update()).one()
        identities = IdentityService(db)
        if identities.user_of(identity) is user:
            return
        linked = identities.link(user, identity)
        audit.note(db, "identity_linked", user_id=user.id, identity_id=linked.id, by="create_admin")
    console.print(f"'{user.username}' may sign in at {identity.issuer}.", markup=False)


def _issue_reset(database: Database, settings: Settings, username: str) -> None:
    with database.transaction() as db:
        user = db.scalars(select(User).where(User.username_key == name_key(username)).with_for_update()).one()
        token = UserService(db).issue_reset(user, settings.password_reset_lifetime)
        audit.note(db, "password_reset_issued", user_id=user.id, by="create_admin")
    where = "this page" if settings.public_url else "this page of the service"
    link = f"{settings.public_url or ''}/reset#{token}"
    console.print(f"Open {where}, and set a new password: {link}", markup=False)


def _remove_second_factor(database: Database, username: str) -> None:
    """Turn the second factor off; the sessions have ended already.

    Raises:
        SecondFactorOff: there is none.
    """
    with database.transaction() as db:
        user = db.scalars(select(User).where(User.username_key == name_key(username)).with_for_update()).one()
        turn_off(db, user)
        audit.note(db, "second_factor_removed", user_id=user.id, by="create_admin")
    console.print(f"'{user.username}' has no second factor any more.", markup=False)


def _password() -> str:
    """The new password: typed twice at a terminal, or the first line of standard input.

    Raises:
        PasswordsDiffer: the two entries differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Repeat the password: ") != password:
        raise PasswordsDiffer
    return password


class RegistrationRejected(BooksError):
    """The name or the password breaks a rule of registration."""


class OptionsRejected(BooksError):
    """The settings do not allow the options."""


class PasswordsDiffer(BooksError):
    """The password was mistyped."""

    message = "the two passwords differ; nothing was changed"


if __name__ == "__main__":
    main()
