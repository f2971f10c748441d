"""The command that encrypts the secrets of second factors again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import User, Webhook
from app.security.sealing import Sealer
from scripts import rotate_secrets
from scripts.rotate_secrets import main
from tests.support.webhooks import URL

if TYPE_CHECKING:
    from app.database import Database

OLD, NEW, LOST = (f"the {name} secret, of more than thirty-two bytes" for name in ("old", "new", "lost"))


@pytest.fixture(autouse=True)
def rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings after the change, and small transactions."""
    monkeypatch.setenv("SECRET_KEY", NEW)
    monkeypatch.setenv("SECRET_KEYS_OLD", json.dumps([OLD]))
    monkeypatch.setattr(rotate_secrets, "AT_ONCE", 2)


def add(database: Database, *sealed_with: str) -> None:
    """Users with second factors, each sealed with one of these; and one without."""
    with database.transaction() as db:
        for number, secret in enumerate(sealed_with):
            sealed = Sealer([secret]).seal(f"secret {number}")
            since = datetime.now(UTC)
            db.add(User(username=f"user {number}", password_hash="-", totp_secret=sealed, second_factor_since=since))  # noqa: S106  (no hash)
        db.add(User(username="without", password_hash="-"))  # noqa: S106  (likewise)


def opened(database: Database) -> list[str | None]:
    """The secrets that the new key opens."""
    with database.reading() as connection:
        sealed = connection.scalars(select(User.totp_secret).where(User.totp_secret.is_not(None)).order_by(User.id))
        return [Sealer([NEW]).open(secret) for secret in sealed if secret is not None]


class TestRotation:
    def test_makes_the_new_key_enough(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        add(at_home, OLD, NEW, OLD, OLD, OLD)
        main([])
        assert capsys.readouterr().out == "4 secrets encrypted again, of 5.\n"
        assert opened(at_home) == [f"secret {number}" for number in range(5)]
        main([])
        assert capsys.readouterr().out == "0 secrets encrypted again, of 5.\n"

    def test_includes_webhooks(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        now, old = datetime.now(UTC), Sealer([OLD])
        with at_home.transaction() as db:
            options: dict[str, Any] = {"url": URL, "enabled": True, "position": 0, "created_at": now, "updated_at": now}
            db.add(Webhook(secret=old.seal("of one"), former_secret=old.seal("before"), **options))
            db.add(Webhook(secret=Sealer([LOST]).seal("lost"), **options))
        with pytest.raises(SystemExit):
            main([])
        assert capsys.readouterr().out == "2 secrets encrypted again, of 3.\n"
        with at_home.reading() as connection:
            [row] = connection.execute(select(Webhook.secret, Webhook.former_secret).order_by(Webhook.id).limit(1))
        assert [Sealer([NEW]).open(sealed) for sealed in row] == ["of one", "before"]

    def test_has_nothing_to_do_without_second_factors(
        self, at_home: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        add(at_home)
        main([])
        assert capsys.readouterr().out == "0 secrets encrypted again, of 0.\n"

    def test_says_what_it_cannot_read_and_does_the_rest(self, at_home: Database) -> None:
        add(at_home, LOST, OLD)
        with pytest.raises(SystemExit) as stopped:
            main([])
        message = "1 secret cannot be decrypted: add the former SECRET_KEY to SECRET_KEYS_OLD"
        assert stopped.value.code == f"rotate_secrets: {message}"
        assert opened(at_home) == [None, "secret 1"]
