"""A password that changes, and what that ends; and what happens while a hash is computed."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from app.models import User
from tests.api.responses import faults, refusal
from tests.support.factories import PASSWORD
from tests.support.users import new_admin

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from devtools.databases import DatabaseInside
    from tests.support.users import SignedInUser

    Meanwhile = Callable[[Session, int], None]
    Late = Callable[[Callable[[Session], None]], None]

ANOTHER = f"{PASSWORD}, and a staple"
CHANGE = {"current_password": PASSWORD, "new_password": ANOTHER}


def log_in(user: SignedInUser, password: str) -> int:
    credentials = {"username": user.username, "password": password}
    return user.anonymous.post("/auth/login", json=credentials).status_code


class TestChange:
    def test_ends_the_other_sessions_and_keeps_this_one_and_the_keys(
        self, alice: SignedInUser, bob: SignedInUser
    ) -> None:
        elsewhere, key = alice.sign_in(), alice.new_key()
        reply = alice.client.put("/auth/password", json=CHANGE)
        assert reply.json() == {"status": "success", "message": "password changed; all other sessions have ended"}
        assert alice.refresh().is_signed_in
        assert not elsewhere.is_signed_in
        assert elsewhere.anonymous.post("/auth/refresh", json={"refresh_token": elsewhere.refresh_token}).is_error
        assert alice.anonymous.as_bearer(key).get("/auth/me").status_code == 200
        assert bob.is_signed_in

    def test_only_the_new_one_signs_in(self, alice: SignedInUser) -> None:
        alice.client.put("/auth/password", json=CHANGE).raise_for_status()
        assert (log_in(alice, PASSWORD), log_in(alice, ANOTHER)) == (401, 200)

    def test_needs_the_current_one(self, alice: SignedInUser) -> None:
        elsewhere = alice.sign_in()
        reply = alice.client.put("/auth/password", json=CHANGE | {"current_password": ANOTHER})
        assert refusal(reply) == (401, "bad_credentials")
        assert reply.json()["detail"] == "The current password is wrong."
        assert elsewhere.is_signed_in
        assert log_in(alice, PASSWORD) == 200

    def test_minds_the_rules_of_passwords(self, alice: SignedInUser) -> None:
        reply = alice.client.put("/auth/password", json=CHANGE | {"new_password": "short"})
        assert faults(reply) == [("/new_password", "must have at least 8 characters")]

    def test_voids_a_reset(self, alice: SignedInUser, database: DatabaseInside) -> None:
        token = self.reset_of(alice, database)
        alice.client.put("/auth/password", json=CHANGE).raise_for_status()
        reply = alice.anonymous.post("/auth/password-reset", json={"token": token, "new_password": PASSWORD})
        assert refusal(reply) == (401, "reset_invalid")

    def reset_of(self, user: SignedInUser, database: DatabaseInside) -> str:
        admin = new_admin(user.anonymous, database).client
        return str(admin.post(f"/users/{user.user_id}/password-reset").json()["token"])


def give_another_password(db: Session, user_id: int) -> None:
    db.execute(update(User).where(User.id == user_id).values(password_hash="another"))  # noqa: S106


def disable(db: Session, user_id: int) -> None:
    db.execute(update(User).where(User.id == user_id).values(disabled_at=datetime.now(UTC)))


def remove(db: Session, user_id: int) -> None:
    db.execute(delete(User).where(User.id == user_id))


class TestWhileAHashIsComputed:
    """Between the look at what is kept and the transaction lies a third of a second, in which much may happen."""

    @pytest.mark.parametrize("meanwhile", [give_another_password, disable, remove])
    def test_a_login_is_not_let_in(
        self, alice: SignedInUser, late: Late, log: io.StringIO, meanwhile: Meanwhile
    ) -> None:
        late(lambda db: meanwhile(db, alice.user_id))
        credentials = {"username": alice.username, "password": PASSWORD}
        assert refusal(alice.anonymous.post("/auth/login", json=credentials)) == (401, "bad_credentials")
        assert f'"user_id": {alice.user_id}, "event": "sign_in_failed"' in log.getvalue()

    @pytest.mark.parametrize("meanwhile", [give_another_password, disable, remove])
    def test_a_change_of_the_password_changes_nothing(
        self, alice: SignedInUser, late: Late, log: io.StringIO, meanwhile: Meanwhile
    ) -> None:
        late(lambda db: meanwhile(db, alice.user_id))
        assert refusal(alice.client.put("/auth/password", json=CHANGE)) == (401, "bad_credentials")
        assert f'"user_id": {alice.user_id}, "event": "password_change_failed"' in log.getvalue()

    @pytest.fixture
    def late(self, monkeypatch: pytest.MonkeyPatch, database: DatabaseInside) -> Late:
        """What happens right before the next transaction of the service."""
        transaction = database.transaction

        def before(happens: Callable[[Session], None]) -> None:
            @contextmanager
            def after(*sender: str) -> Iterator[Session]:
                monkeypatch.setattr(database, "transaction", transaction)
                with transaction() as db:
                    happens(db)
                with transaction(*sender) as db:
                    yield db

            monkeypatch.setattr(database, "transaction", after)

        return before
