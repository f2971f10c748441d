"""Passwords: what is good enough, and how one is kept."""

from __future__ import annotations

import pytest

from app.passwords import Verifier, fault_of_password, hash_password

PASSWORD = "correct horse battery"  # noqa: S105
CHEAP = 4


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    """Compares."""
    return Verifier(CHEAP)


class TestFault:
    @pytest.mark.parametrize("password", ["p" * 8, "p" * 72, "é" * 4, "密" * 24, "        "])
    def test_none(self, password: str) -> None:
        assert fault_of_password(password, 8) is None

    @pytest.mark.parametrize(
        ("password", "fault"),
        [
            ("", "must be at least 8 bytes long"),
            ("p" * 7, "must be at least 8 bytes long"),
            ("p" * 73, "must be at most 72 bytes long, as bcrypt reads no more"),
            ("é" * 37, "must be at most 72 bytes long, as bcrypt reads no more"),
            ("nul\0 within", "must not contain a NUL"),
        ],
    )
    def test_one(self, password: str, fault: str) -> None:
        assert fault_of_password(password, 8) == fault


class TestHash:
    def test_is_bcrypt_of_the_cost_that_is_set(self) -> None:
        assert hash_password(PASSWORD, CHEAP).startswith("$2b$04$")

    def test_is_another_each_time(self) -> None:
        assert hash_password(PASSWORD, CHEAP) != hash_password(PASSWORD, CHEAP)


class TestVerifier:
    @pytest.mark.parametrize("password", [PASSWORD, "p" * 72, "密" * 24, "pass wörd"])
    def test_knows_the_right_one(self, verifier: Verifier, password: str) -> None:
        assert verifier.matches(password, hash_password(password, CHEAP))

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD + "\0", "p" * 73, "p" * 1_000_000])
    def test_and_every_wrong_one(self, verifier: Verifier, password: str) -> None:
        assert not verifier.matches(password, hash_password(PASSWORD, CHEAP))

    @pytest.mark.parametrize("tail", ["p", "\0", "é"])
    def test_cuts_nothing_short(self, verifier: Verifier, tail: str) -> None:
        assert not verifier.matches("p" * 72 + tail, hash_password("p" * 72, CHEAP))

    @pytest.mark.parametrize("password", [PASSWORD, "", "nobody's password"])
    def test_where_there_is_no_user_none_is_right(self, verifier: Verifier, password: str) -> None:
        assert not verifier.matches(password, None)

    @pytest.mark.parametrize("password", [PASSWORD, "", "p" * 73, "a\0b"])
    def test_works_as_hard_where_there_is_no_user(
        self, verifier: Verifier, monkeypatch: pytest.MonkeyPatch, password: str
    ) -> None:
        compared: list[str] = []

        class Bcrypt:
            @staticmethod
            def verify(_password: str, password_hash: str) -> bool:
                compared.append(password_hash)
                return False

        monkeypatch.setattr("app.passwords.bcrypt", Bcrypt)
        verifier.matches(password, None)
        verifier.matches(password, hash_password_of_somebody := "$2b$04$somebody")
        assert len(compared) == 2
        assert compared[0].startswith("$2b$04$")
        assert compared[1] == hash_password_of_somebody
