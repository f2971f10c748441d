"""Password hashing behind the API: stronger hashes replace weaker ones, and a full queue is a 503."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import pytest
from passlib.hash import bcrypt
from sqlalchemy import select, update

from app.models import User
from app.security.hashing import Hasher
from app.web.state import EXTENSION
from devtools.polling import wait_until
from tests.api.responses import refusal
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from app.settings import Settings
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.openapi_contract import OpenApiContract

ALICE = {"username": "alice", "password": PASSWORD}


def replace_hash_meanwhile(database: DatabaseInside, monkeypatch: pytest.MonkeyPatch, password_hash: str) -> None:
    """While the next password is verified, which is right, its hash is replaced."""
    verify = Hasher.verify

    def verify_and_replace(self: Hasher, password: str, kept: str | None, sender: str) -> object:
        monkeypatch.setattr(Hasher, "verify", verify)
        check = verify(self, password, kept, sender)
        database.connection.execute(update(User).values(password_hash=password_hash))
        return replace(check, better_hash="better")

    monkeypatch.setattr(Hasher, "verify", verify_and_replace)


@pytest.fixture
def hasher(settings: Settings) -> Hasher:
    """Makes hashes as the service does."""
    return Hasher(settings)


def kept_hash(database: DatabaseInside) -> str:
    return database.connection.execute(select(User.password_hash).where(User.username == "alice")).scalar_one()


class TestBetterHash:
    def test_is_kept_at_the_next_login(self, service_with: Callable[..., Client], database: DatabaseInside) -> None:
        service_with(bcrypt_rounds=4).post("/register", json=ALICE).raise_for_status()
        client = service_with(bcrypt_rounds=5)
        client.post("/auth/login", json=ALICE).raise_for_status()
        better = kept_hash(database)
        assert better.startswith("$bcrypt-sha256$v=2,t=2b,r=5$")
        client.post("/auth/login", json=ALICE).raise_for_status()
        assert kept_hash(database) == better

    @pytest.mark.parametrize(("rounds", "password"), [(5, f"not {PASSWORD}"), (4, PASSWORD), (4, f"not {PASSWORD}")])
    def test_nothing_else_changes_what_is_kept(
        self, service_with: Callable[..., Client], database: DatabaseInside, rounds: int, password: str
    ) -> None:
        service_with(bcrypt_rounds=4).post("/register", json=ALICE).raise_for_status()
        before = kept_hash(database)
        service_with(bcrypt_rounds=rounds).post("/auth/login", json=ALICE | {"password": password})
        assert kept_hash(database) == before

    def test_one_of_a_higher_cost_stays(self, service_with: Callable[..., Client], database: DatabaseInside) -> None:
        service_with(bcrypt_rounds=5).post("/register", json=ALICE).raise_for_status()
        service_with(bcrypt_rounds=4).post("/auth/login", json=ALICE).raise_for_status()
        assert kept_hash(database).startswith("$bcrypt-sha256$v=2,t=2b,r=5$")

    def test_does_not_bring_a_password_back_that_was_changed_meanwhile(
        self, client: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        replace_hash_meanwhile(database, monkeypatch, "another")
        assert client.post("/auth/login", json=ALICE).status_code == 401
        assert kept_hash(database) == "another"

    def test_of_another_login_meanwhile_leaves_the_password_right(
        self, client: Client, hasher: Hasher, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        replace_hash_meanwhile(database, monkeypatch, again := hasher.hash(PASSWORD))
        assert client.post("/auth/login", json=ALICE).status_code == 200
        assert kept_hash(database) == again

    def test_of_another_login_meanwhile_leaves_the_current_password_right(
        self, client: Client, hasher: Hasher, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        token = client.post("/auth/login", json=ALICE).json()["access_token"]
        replace_hash_meanwhile(database, monkeypatch, hasher.hash(PASSWORD))
        change = {"current_password": PASSWORD, "new_password": f"not {PASSWORD}"}
        assert client.as_bearer(token).put("/auth/password", json=change).status_code == 200

    def test_replaces_one_of_bcrypt_alone(self, client: Client, database: DatabaseInside) -> None:
        client.post("/register", json=ALICE).raise_for_status()
        database.connection.execute(update(User).values(password_hash=bcrypt.using(rounds=4).hash(PASSWORD)))
        assert client.post("/auth/login", json=ALICE | {"password": "wrong"}).status_code == 401
        client.post("/auth/login", json=ALICE).raise_for_status()
        assert kept_hash(database).startswith("$bcrypt-sha256$")
        client.post("/auth/login", json=ALICE).raise_for_status()


class TestBusy:
    @pytest.fixture(autouse=True)
    def full(self, app: Flask, settings: Settings) -> Iterator[None]:
        """One place, and it is taken."""
        hasher = Hasher(settings.model_copy(update={"password_queue": 1}))
        before = app.extensions[EXTENSION]
        app.extensions[EXTENSION] = replace(before, signing_in=replace(before.signing_in, hasher=hasher))
        goes_on = Event()
        with ThreadPoolExecutor(1) as elsewhere:
            blocker = elsewhere.submit(hasher.queue.run, goes_on.wait, 30)
            wait_until(blocker.running)
            yield
            goes_on.set()
        app.extensions[EXTENSION] = before

    @pytest.mark.parametrize("path", ["/register", "/auth/login"])
    def test_is_a_503_that_says_when_to_come_again(self, client: Client, path: str) -> None:
        reply = client.post(path, json=ALICE)
        assert refusal(reply) == (503, "hashing_busy")
        assert int(reply.headers["Retry-After"]) > 0

    def test_does_not_affect_other_requests(self, client: Client) -> None:
        assert client.get("/books").status_code == 200

    @pytest.mark.parametrize("path", ["/register", "/auth/login"])
    def test_is_promised(self, contract: OpenApiContract, path: str) -> None:
        responses = contract.document["paths"][path]["post"]["responses"]
        assert "`hashing_busy`" in responses["503"]["description"]
        assert "Retry-After" in responses["503"]["headers"]
