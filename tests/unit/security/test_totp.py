"""One-time passwords, by the test vectors of RFC 6238; recovery codes; and the encryption of secrets."""

from __future__ import annotations

from base64 import b32encode

import pytest
from pyotp.utils import strings_equal

from app.security import recovery_codes, totp
from app.security.sealing import Sealer

RFC_SECRET = b32encode(b"12345678901234567890").decode()
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
"""RFC 6238, appendix B: the last six of the eight digits for SHA-1."""
OLD, NEW = "an old secret of more than thirty-two bytes", "a new secret of more than thirty-two bytes"


class TestTotp:
    @pytest.mark.parametrize(("now", "code"), VECTORS.items())
    def test_is_that_of_the_standard(self, now: int, code: str) -> None:
        assert totp.step_of(code, RFC_SECRET, now) == now // 30

    @pytest.mark.parametrize(("later", "valid"), [(-60, False), (-59, True), (0, True), (30, True), (31, False)])
    def test_is_valid_one_step_around(self, later: int, *, valid: bool) -> None:
        """The code is of the step that ends at 1111111110."""
        found = totp.step_of(VECTORS[1111111109], RFC_SECRET, 1111111109 + later)
        assert found == (1111111109 // 30 if valid else None)

    @pytest.mark.parametrize(
        "code", ["", "28708", "2870822", "\N{FULLWIDTH DIGIT TWO}87082", "287082\n", " 287082", "+87082", "abcdef"]
    )
    def test_has_six_digits(self, code: str) -> None:
        assert totp.step_of(code, RFC_SECRET, 59) is None

    def test_secrets_differ_and_have_160_bits(self) -> None:
        secrets = {totp.new_secret() for _ in range(50)}
        assert len(secrets) == 50
        assert {len(secret) * 5 for secret in secrets} == {160}

    def test_is_compared_in_constant_time(self) -> None:
        """By pyotp, with `hmac.compare_digest`."""
        assert "compare_digest" in strings_equal.__code__.co_names


class TestRecoveryCodes:
    def test_are_ten_that_differ_with_120_bits_each(self) -> None:
        codes = recovery_codes.new_codes()
        assert len(set(codes)) == 10
        assert {len(recovery_codes.canonical(code)) * 5 for code in codes} == {120}
        assert all(recovery_codes.CODE.fullmatch(recovery_codes.canonical(code)) for code in codes)


class TestSealer:
    def test_opens_what_it_sealed_and_each_time_differently(self) -> None:
        sealer = Sealer([NEW])
        sealed = [sealer.seal(RFC_SECRET) for _ in range(2)]
        assert sealed[0] != sealed[1]
        assert {sealer.open(text) for text in sealed} == {RFC_SECRET}
        assert len(sealed[0]) <= 255

    def test_opens_what_a_former_secret_sealed_and_knows_it(self) -> None:
        sealed, rotated = Sealer([OLD]).seal(RFC_SECRET), Sealer([NEW, OLD])
        assert rotated.open(sealed) == RFC_SECRET
        assert not rotated.is_current(sealed)
        assert rotated.is_current(rotated.seal(RFC_SECRET))

    @pytest.mark.parametrize("sealed", ["", "garbage", Sealer([OLD]).seal(RFC_SECRET)])
    def test_opens_nothing_else(self, sealed: str) -> None:
        assert Sealer([NEW]).open(sealed) is None

    def test_opens_nothing_that_was_changed(self) -> None:
        sealer = Sealer([NEW])
        sealed = sealer.seal(RFC_SECRET)
        changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
        assert sealer.open(changed) is None
