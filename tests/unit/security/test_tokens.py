"""Tokens, apart from HTTP."""

from __future__ import annotations

import hmac
import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.util import urlsafe_b64encode

from app.errors import TokenInvalid
from app.security.tokens import SKEW, Bearer, Tokens, key_id

SECRET = "a secret for the tests, of more than 32 bytes"  # noqa: S105
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["alg", "typ", "crit", "b64"]), inner),
    max_leaves=5,
)
ALICE = Bearer(user_id=7, session_id=99)
TOKENS = Tokens([SECRET], timedelta(minutes=15))


class TestIssue:
    def test_says_whose_it_is(self) -> None:
        assert TOKENS.read(TOKENS.issue(ALICE)) == ALICE

    def test_is_an_access_token_as_rfc_9068_has_it(self) -> None:
        header = jws.extract_compact(TOKENS.issue(ALICE).encode()).headers()
        assert header == {"alg": "HS256", "typ": "at+jwt", "kid": key_id(SECRET)}

    def test_no_two_are_the_same(self) -> None:
        assert TOKENS.issue(ALICE) != TOKENS.issue(ALICE)


class TestSkew:
    """Several machines issue tokens, and read each other's; or the clock is set back."""

    def issued_ahead(self, seconds: int) -> str:
        now = time.time()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("app.security.tokens.time.time", lambda: now + seconds)
            return TOKENS.issue(ALICE)

    def test_a_clock_may_have_been_fast(self) -> None:
        assert TOKENS.read(self.issued_ahead(SKEW - 5)) == ALICE

    def test_but_not_more(self) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.read(self.issued_ahead(SKEW + 5))


class TestRotation:
    NEW = "a new secret, which also has more than 32 bytes"

    def test_believes_what_the_old_key_signed(self) -> None:
        rotated = Tokens([self.NEW, SECRET], timedelta(minutes=15))
        assert rotated.read(TOKENS.issue(ALICE)) == ALICE

    def test_signs_with_the_new_one_alone(self) -> None:
        token = Tokens([self.NEW, SECRET], timedelta(minutes=15)).issue(ALICE)
        assert Tokens([self.NEW], timedelta(minutes=15)).read(token) == ALICE
        with pytest.raises(TokenInvalid):
            TOKENS.read(token)

    def test_forgets_an_old_key_that_is_no_longer_named(self) -> None:
        with pytest.raises(TokenInvalid):
            Tokens([self.NEW], timedelta(minutes=15)).read(TOKENS.issue(ALICE))


class TestRefusal:
    def test_of_one_that_has_expired(self) -> None:
        expired = Tokens([SECRET], timedelta(seconds=-1)).issue(ALICE)
        with pytest.raises(TokenInvalid):
            TOKENS.read(expired)

    def test_of_one_that_was_valid_before(self) -> None:
        token = TOKENS.issue(ALICE)
        assert TOKENS.read(token) == ALICE
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=16)), pytest.raises(TokenInvalid):
            TOKENS.read(token)

    def test_of_one_of_another_service(self) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.read(Tokens([SECRET[::-1]], timedelta(minutes=15)).issue(ALICE))

    @given(st.text())
    def test_of_any_text(self, text: str) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.read(text)

    @given(st.tuples(st.binary(), st.binary(), st.binary()))
    def test_of_any_three_parts(self, parts: tuple[bytes, bytes, bytes]) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.read(b".".join(map(urlsafe_b64encode, parts)).decode())

    @given(ANY_JSON)
    def test_of_any_header(self, header: object) -> None:
        _, payload, signature = TOKENS.issue(ALICE).split(".")
        other = urlsafe_b64encode(json.dumps(header).encode()).decode()
        with pytest.raises(TokenInvalid):
            TOKENS.read(f"{other}.{payload}.{signature}")

    @pytest.mark.parametrize(
        "spelled", ["+99", " 99", "99\n", "099", "9_9", "\N{ARABIC-INDIC DIGIT NINE}9", "9" * 5000]
    )
    def test_of_an_id_that_is_spelled_otherwise(self, spelled: str) -> None:
        odd = Bearer(user_id=7, session_id=spelled)  # type: ignore[arg-type]
        with pytest.raises(TokenInvalid):
            TOKENS.read(TOKENS.issue(odd))

    @pytest.mark.parametrize("crit", [[], ["exp"], None])
    def test_of_what_must_be_understood(self, crit: object) -> None:
        header = {"alg": "HS256", "typ": "at+jwt", "kid": key_id(SECRET), "crit": crit}
        claims = jws.extract_compact(TOKENS.issue(ALICE).encode()).segments["payload"]
        signed = urlsafe_b64encode(json.dumps(header).encode()) + b"." + claims
        signature = urlsafe_b64encode(hmac.digest(SECRET.encode(), signed, "sha256"))
        with pytest.raises(TokenInvalid):
            TOKENS.read(f"{signed.decode()}.{signature.decode()}")
