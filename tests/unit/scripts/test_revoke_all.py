"""The command that revokes everything."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.models import ApiKey, AuditEvent, Invitation, RefreshToken, SignInCode, User, UserSession
from app.schemas.keys import KeyCreate
from app.security.identity import ExternalIdentity
from app.services.accounts.identities import IdentityService
from app.services.accounts.invitations import InvitationService
from app.services.accounts.keys import KeyService
from app.services.accounts.sessions import SessionService
from app.services.accounts.users import UserService
from devtools.databases import settings_for
from scripts.revoke_all import main

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from app.database import Database

DAY = timedelta(days=1)


@pytest.fixture
def filled(at_home: Database, own_url: str) -> Database:
    """Users with sessions, keys, a reset, an invitation and a sign-in at the provider; one has nothing."""
    with at_home.transaction() as db:
        users = UserService(db)
        members = [users.register(f"reader {number}", "-") for number in range(3)]
        users.register("without", "-")
        admin = users.register("librarian", "-", "admin")
        sessions = SessionService(db, settings_for(own_url), "a secret")
        for user in (*members, admin, admin):
            sessions.begin(user, None)
        key = KeyCreate(name="nightly import", scopes=["books:write"])
        for user in members[:2]:
            KeyService(db).create(user, key)
        users.issue_reset(members[2], DAY, by=admin.id)
        users.issue_reset(admin, DAY)
        InvitationService(db).create(admin.id, None, DAY)
        IdentityService(db).issue_code(ExternalIdentity("https://id.example", "42", None), None)
    return at_home


def counted(database: Database) -> dict[str, int]:
    """How many of each there are."""

    def count(column: InstrumentedAttribute[Any]) -> int:
        return connection.scalar(select(func.count(column))) or 0

    with database.reading() as connection:
        return {
            "sessions": count(UserSession.id),
            "refresh tokens": count(RefreshToken.hash),
            "keys": count(ApiKey.id),
            "resets": count(User.reset_hash),
            "invitations": count(Invitation.id),
            "codes": count(SignInCode.hash),
        }


class TestCommand:
    def test_leaves_nothing_to_sign_in_with_but_passwords(
        self, filled: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = counted(filled)
        assert list(before.values()) == [5, 5, 2, 2, 1, 1]
        main([])
        assert set(counted(filled).values()) == {0}
        expected = "5 sessions ended, 2 API keys revoked, 2 password resets and 1 invitation voided.\n"
        assert capsys.readouterr().out == expected
        with filled.reading() as connection:
            assert connection.scalars(select(User.password_hash)).all() == ["-"] * 5

    def test_keeps_keys_if_told_to(self, filled: Database) -> None:
        main(["--keep-keys"])
        assert counted(filled) == dict.fromkeys(counted(filled), 0) | {"keys": 2}

    def test_is_in_the_audit_log(self, filled: Database) -> None:
        main([])
        with filled.reading() as connection:
            events = connection.execute(select(AuditEvent.__table__).order_by(AuditEvent.id)).all()
        assert {(event.event, event.via, event.by_user) for event in events} == {
            ("signed_out_everywhere", "revoke_all", None)
        }
        facts = [json.loads(event.facts) for event in events]
        assert [(fact["sessions_ended"], fact["keys_revoked"]) for fact in facts] == [(1, 1), (1, 1), (1, 0), (2, 0)]

    @pytest.mark.usefixtures("filled")
    def test_does_nothing_twice(self, capsys: pytest.CaptureFixture[str]) -> None:
        main([])
        capsys.readouterr()
        main([])
        expected = "0 sessions ended, 0 API keys revoked, 0 password resets and 0 invitations voided.\n"
        assert capsys.readouterr().out == expected
