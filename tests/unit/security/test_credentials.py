"""Opaque credentials: random, and stored as digests."""

from __future__ import annotations

from base64 import urlsafe_b64decode

import pytest

from app.security import credentials
from app.security.credentials import API_KEY, PASSWORD_RESET, REFRESH_TOKEN, digest, new_credential, successor

SECRETS = [f"{letter}" * 32 for letter in "ab"]


def random_part(credential: str) -> bytes:
    """The bytes behind the prefix."""
    return urlsafe_b64decode(credential.partition("_")[2] + "=")


class TestNewCredential:
    @pytest.mark.parametrize("prefix", [REFRESH_TOKEN, API_KEY, PASSWORD_RESET])
    def test_has_256_bits_of_the_secure_generator(self, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("secrets.token_bytes", lambda size: b"\xa5" * size)  # which token_urlsafe encodes
        made = new_credential(prefix)
        assert made.startswith(prefix)
        assert random_part(made) == b"\xa5" * 32

    def test_no_two_are_the_same(self) -> None:
        assert len({new_credential(API_KEY) for _ in range(100)}) == 100


class TestSuccessor:
    def test_has_256_bits_and_is_always_the_same(self) -> None:
        before = new_credential(REFRESH_TOKEN)
        after = successor(before, SECRETS[0])
        assert after == successor(before, SECRETS[0])
        assert len(random_part(after)) == 32

    def test_cannot_be_computed_without_the_secret(self) -> None:
        before = new_credential(REFRESH_TOKEN)
        assert len({before, *(successor(before, secret) for secret in SECRETS)}) == 3


class TestDigest:
    def test_is_sha_256_and_no_credential(self) -> None:
        made = new_credential(API_KEY)
        assert len(digest(made)) == 64
        assert made.partition("_")[2] not in digest(made)
        assert credentials.RANDOM_BYTES * 8 > 112  # below that, ASVS 6.5.2 asks for a slow hash
