"""Hashes of passwords: what they are made of, which passwords they verify, and when they are replaced."""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import TYPE_CHECKING

import bcrypt
import pytest

from app.security.hashing import Hasher
from devtools.databases import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "correct horse battery"  # noqa: S105
COST = 6


def hasher_of(rounds: int) -> Hasher:
    return Hasher(settings_for("sqlite://", bcrypt_rounds=rounds))


def plain_hash(password: str, rounds: int = COST) -> str:
    """A hash of bcrypt alone, as earlier releases stored it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


@pytest.fixture(scope="module")
def hasher() -> Hasher:
    """Makes hashes of cost 6."""
    return hasher_of(COST)


class TestHash:
    def test_is_bcrypt_of_the_cost_that_is_set(self, hasher: Hasher) -> None:
        assert hasher.hash(PASSWORD).startswith("$bcrypt-sha256$v=2,t=2b,r=6$")

    def test_is_bcrypt_of_an_hmac_of_the_password(self, hasher: Hasher) -> None:
        """So that any other implementation can verify it; the salt is the key as it is written."""
        password_hash = hasher.hash("密" * 64)
        salt, digest = password_hash.split("$")[-2:]
        key = b64encode(hmac.digest(salt.encode(), ("密" * 64).encode(), "sha256"))
        assert bcrypt.checkpw(key, f"$2b$06${salt}{digest}".encode())

    def test_fits_its_column(self, hasher: Hasher) -> None:
        assert len(hasher.hash("密" * 256)) < 100

    def test_is_another_each_time(self, hasher: Hasher) -> None:
        assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)


class TestVerify:
    @pytest.mark.parametrize("password", [PASSWORD, "p" * 72, "p" * 73, "п" * 64, "密" * 256, "pass wörd"])
    def test_knows_the_right_one(self, hasher: Hasher, password: str) -> None:
        assert hasher.verify(password, hasher.hash(password)).right

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD + "\0", "p" * 73, "p" * 1_000_000])
    def test_and_every_wrong_one(self, hasher: Hasher, password: str) -> None:
        assert not hasher.verify(password, hasher.hash(PASSWORD)).right

    @pytest.mark.parametrize("tail", ["p", "\0", "é"])
    def test_cuts_nothing_short(self, hasher: Hasher, tail: str) -> None:
        for password_hash in (hasher.hash("p" * 72), plain_hash("p" * 72)):
            assert not hasher.verify("p" * 72 + tail, password_hash).right

    @pytest.mark.parametrize("password", ["p" * 73, "a\0b"])
    def test_takes_what_bcrypt_cannot_read_for_no_other(self, hasher: Hasher, password: str) -> None:
        for password_hash in (hasher.hash(""), plain_hash("")):
            assert not hasher.verify(password, password_hash).right

    @pytest.mark.parametrize("password", [PASSWORD, "p" * 72, "密" * 24])
    def test_knows_the_right_one_by_a_hash_of_bcrypt_alone(self, hasher: Hasher, password: str) -> None:
        assert hasher.verify(password, plain_hash(password)).right
        assert not hasher.verify(f"{password[:-1]}.", plain_hash(password)).right

    @pytest.mark.parametrize("password", [PASSWORD, "", "another password"])
    def test_where_there_is_no_user_none_is_right(self, hasher: Hasher, password: str) -> None:
        assert not hasher.verify(password, None).right

    @pytest.mark.parametrize("kept", ["-", "", "plain text", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA"])
    def test_where_the_hash_is_of_another_kind_none_is_right(self, hasher: Hasher, kept: str) -> None:
        assert not hasher.verify(PASSWORD, kept).right


class TestBetterHash:
    def test_of_one_of_a_lower_cost(self, hasher: Hasher) -> None:
        better = hasher.verify(PASSWORD, hasher_of(COST - 1).hash(PASSWORD)).better_hash
        assert better is not None
        assert better.startswith("$bcrypt-sha256$v=2,t=2b,r=6$")
        assert hasher.verify(PASSWORD, better).right

    @pytest.mark.parametrize(("rounds", "cost"), [(COST - 1, COST), (COST, COST), (COST + 1, COST + 1)])
    def test_of_one_of_bcrypt_alone_at_no_lower_cost(self, hasher: Hasher, rounds: int, cost: int) -> None:
        better = hasher.verify(PASSWORD, plain_hash(PASSWORD, rounds)).better_hash
        assert better is not None
        assert better.startswith(f"$bcrypt-sha256$v=2,t=2b,r={cost}$")
        assert hasher.verify(PASSWORD, better).right

    @pytest.mark.parametrize("rounds", [COST, COST + 1])
    def test_none_of_one_of_the_same_cost_or_a_higher(self, hasher: Hasher, rounds: int) -> None:
        check = hasher.verify(PASSWORD, hasher_of(rounds).hash(PASSWORD))
        assert check.right
        assert check.better_hash is None

    def test_none_for_a_wrong_password(self, hasher: Hasher) -> None:
        assert hasher.verify("wrong", hasher_of(COST - 1).hash(PASSWORD)).better_hash is None


class TestTime:
    @pytest.fixture
    def steps(self, hasher: Hasher, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The steps of all that bcrypt does: they are what takes the time."""
        done: list[int] = []

        class Counted:
            @staticmethod
            def hashpw(password: bytes, config: bytes) -> bytes:
                done.append(2 ** int(config[4:6]))
                return bcrypt.hashpw(password, config)

        hasher.verify("", None)  # has loaded it
        monkeypatch.setattr("passlib.handlers.bcrypt._bcrypt", Counted)
        return done

    @pytest.mark.parametrize("password", ["wrong", "", "p" * 73, "p" * 10_000, "a\0b"])
    @pytest.mark.parametrize("make_hash", [plain_hash, lambda password, rounds: hasher_of(rounds).hash(password)])
    @pytest.mark.parametrize("kept", [None, COST, COST - 1, 4])
    def test_a_wrong_password_takes_as_long_with_and_without_a_user(
        self,
        hasher: Hasher,
        steps: list[int],
        password: str,
        kept: int | None,
        make_hash: Callable[[str, int], str],
    ) -> None:
        """So the time does not tell whether there is such a user, or one with a hash of a lower cost."""
        password_hash = None if kept is None else make_hash(PASSWORD, kept)
        steps.clear()
        assert not hasher.verify(password, password_hash).right
        assert sum(steps) == 2**COST
