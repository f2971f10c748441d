"""The command that makes admins."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.models import AuditEvent, LinkedIdentity, RecoveryCode, User, UserSession
from app.services.accounts.credentials import CredentialReader
from scripts import create_admin
from scripts.create_admin import main
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from app.database import Database


CONTROLS = "must not contain control characters or line breaks"
TOO_SHORT = "must have at least 8 characters"


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard input as a pipe with a password in it."""
    pipe = io.StringIO(f"{PASSWORD}\n")
    monkeypatch.setattr("sys.stdin", pipe)
    return pipe


def roles(database: Database) -> dict[str, tuple[str, bool]]:
    """The role of each user, and whether the user may sign in."""
    with database.reading() as connection:
        rows = connection.execute(select(User.username, User.role, User.disabled_at)).all()
    return {name: (role, disabled is None) for name, role, disabled in rows}


def events(database: Database) -> list[str]:
    """The events of the audit log, which all name the command."""
    with database.reading() as connection:
        rows = connection.execute(select(AuditEvent.event, AuditEvent.via).order_by(AuditEvent.id)).all()
    assert {via for _, via in rows} == {"create_admin"}
    return [event for event, _ in rows]


def add(database: Database, **fields: object) -> None:
    with database.transaction() as db:
        db.add(User(password_hash="-", **fields))  # noqa: S106


class TestNewAdmin:
    def test_is_a_user_with_the_password_that_was_given(
        self, at_home: Database, piped: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main(["Librarian"])
        assert capsys.readouterr().out == "'Librarian' is a new user, and an admin.\n"
        assert events(at_home) == ["registered"]
        assert piped.read() == ""
        assert roles(at_home) == {"Librarian": ("admin", True)}
        with at_home.reading() as connection:
            known = CredentialReader(connection).credentials("librarian")
        assert known is not None
        assert known.password_hash.startswith("$bcrypt-sha256$")
        assert PASSWORD not in known.password_hash

    @pytest.mark.parametrize("mode", ["invite", "closed"])
    def test_needs_no_invitation(
        self, at_home: Database, piped: io.StringIO, monkeypatch: pytest.MonkeyPatch, mode: str
    ) -> None:
        assert piped
        monkeypatch.setenv("REGISTRATION", mode)
        main(["Librarian"])
        assert roles(at_home) == {"Librarian": ("admin", True)}

    def test_types_the_password_twice(self, at_home: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr(create_admin, "getpass", lambda _prompt: PASSWORD)
        main(["alice"])
        assert roles(at_home) == {"alice": ("admin", True)}

    def test_may_mistype_it(
        self, at_home: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        typed = iter([PASSWORD, PASSWORD.upper()])
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr(create_admin, "getpass", lambda _prompt: next(typed))
        with pytest.raises(SystemExit) as stopped:
            main(["alice"])
        assert stopped.value.code == "create_admin: the two passwords differ; nothing was changed"
        assert capsys.readouterr().out == ""
        assert roles(at_home) == {}

    @pytest.mark.parametrize(
        ("username", "password", "message"),
        [
            ("alice", "short", f"password: {TOO_SHORT}"),
            ("", PASSWORD, "username: must not be empty"),
            (
                "a\x07b",
                "short",
                f"username: {CONTROLS}; password: {TOO_SHORT}",
            ),
        ],
    )
    def test_follows_the_rules_of_registration(
        self, at_home: Database, monkeypatch: pytest.MonkeyPatch, username: str, password: str, message: str
    ) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(password))
        with pytest.raises(SystemExit) as stopped:
            main([username])
        assert stopped.value.code == f"create_admin: {message}"
        assert roles(at_home) == {}


class TestUserWhoIsThere:
    def test_becomes_an_admin_whatever_the_capitals(
        self, at_home: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        add(at_home, username="Alice")
        add(at_home, username="bob")
        main(["ALICE"])
        main(["alice"])
        assert capsys.readouterr().out == "'Alice' is an admin.\n" * 2
        assert roles(at_home) == {"Alice": ("admin", True), "bob": ("member", True)}
        assert events(at_home) == ["role_changed"]

    def test_has_to_sign_in_again(self, at_home: Database) -> None:
        add(at_home, username="alice")
        with at_home.transaction() as db:
            user = db.scalars(select(User)).one()
            moments = dict.fromkeys(("created_at", "last_used_at", "expires_at"), datetime.now(UTC))
            db.add(UserSession(user_id=user.id, **moments))
        main(["alice"])
        with at_home.reading() as connection:
            assert connection.scalars(select(UserSession.id)).all() == []

    def test_is_enabled_again(self, at_home: Database) -> None:
        add(at_home, username="alice", disabled_at=datetime.now(UTC))
        main(["alice"])
        assert roles(at_home) == {"alice": ("admin", True)}
        assert events(at_home) == ["role_changed", "user_enabled"]

    def test_gets_what_sets_a_new_password(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        add(at_home, username="alice")
        main(["alice", "--reset-password"])
        token = re.search(r"/reset#(bp_\S+)$", capsys.readouterr().out.strip())
        assert token is not None
        with at_home.reading() as connection:
            assert CredentialReader(connection).credentials_for_reset(token[1]).username == "alice"
        assert events(at_home) == ["role_changed", "password_reset_issued"]

    def test_may_lose_the_second_factor(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        add(at_home, username="alice", totp_secret="-", second_factor_since=datetime.now(UTC))  # noqa: S106
        with at_home.transaction() as db:
            db.add(RecoveryCode(hash="0" * 64, user_id=db.scalars(select(User.id)).one()))
        main(["alice", "--remove-second-factor"])
        assert capsys.readouterr().out == "'alice' is an admin.\n'alice' has no second factor any more.\n"
        with at_home.reading() as connection:
            assert connection.scalars(select(RecoveryCode.hash)).all() == []
            assert connection.scalars(select(User.second_factor_since)).all() == [None]
        assert events(at_home) == ["role_changed", "second_factor_removed"]

    def test_may_have_none_to_lose(self, at_home: Database) -> None:
        add(at_home, username="alice")
        with pytest.raises(SystemExit) as stopped:
            main(["alice", "--remove-second-factor"])
        assert stopped.value.code == "create_admin: This account has no second factor."


class TestWithoutPasswords:
    ISSUER = "https://id.example"

    @pytest.fixture(autouse=True)
    def only_the_provider(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"OIDC_ISSUER": self.ISSUER, "OIDC_CLIENT_ID": "b", "PASSWORD_SIGN_IN": "false"}.items():
            monkeypatch.setenv(name, value)

    def linked(self, database: Database) -> list[tuple[str, str, str]]:
        with database.reading() as connection:
            query = select(User.username, LinkedIdentity.issuer, LinkedIdentity.subject)
            rows = connection.execute(query.join(User, User.id == LinkedIdentity.user_id)).all()
        return [(username, issuer, subject) for username, issuer, subject in rows]

    def test_a_new_admin_signs_in_at_the_provider(self, at_home: Database) -> None:
        main(["alice", "--subject", "1"])
        main(["alice", "--subject", "1"])  # does no harm
        assert roles(at_home) == {"alice": ("admin", True)}
        assert self.linked(at_home) == [("alice", self.ISSUER, "1")]
        assert events(at_home) == ["registered", "identity_linked"]

    def test_an_existing_user_may_sign_in_there_too(self, at_home: Database) -> None:
        add(at_home, username="alice")
        main(["alice", "--subject", "1"])
        assert self.linked(at_home) == [("alice", self.ISSUER, "1")]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["alice"], "give --subject"),
            (["alice", "--subject", ""], "--subject needs"),
            (["alice", "--subject", "1", "--reset-password"], "of no use"),
            (["a\u202eb", "--subject", "1"], "username"),
        ],
    )
    def test_what_cannot_be_changes_nothing(self, at_home: Database, arguments: list[str], message: str) -> None:
        with pytest.raises(SystemExit, match=message):
            main(arguments)
        assert roles(at_home) == {}

    def test_a_subject_of_another_user_is_refused(self, at_home: Database) -> None:
        main(["alice", "--subject", "1"])
        with pytest.raises(SystemExit, match="already linked"):
            main(["bob", "--subject", "1"])
        assert self.linked(at_home) == [("alice", self.ISSUER, "1")]

    def test_an_admin_behind_a_proxy_needs_neither(self, at_home: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1")
        monkeypatch.setenv("TRUSTED_USER_HEADER", "Remote-User")
        main(["alice"])
        assert roles(at_home) == {"alice": ("admin", True)}
