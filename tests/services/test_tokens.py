"""Tokens, apart from HTTP."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.util import urlsafe_b64encode

from app.errors import TokenInvalid
from app.tokens import Tokens

SECRET = "a secret for the tests, of more than 32 bytes"  # noqa: S105
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["alg", "typ", "crit", "b64"]), inner),
    max_leaves=5,
)
TOKENS = Tokens(SECRET, timedelta(minutes=15))


class TestIssue:
    def test_says_whose_it_is(self) -> None:
        assert TOKENS.user_id(TOKENS.issue(7)) == 7

    def test_is_an_access_token_as_rfc_9068_has_it(self) -> None:
        header = jws.extract_compact(TOKENS.issue(7).encode()).headers()
        assert header == {"alg": "HS256", "typ": "at+jwt"}

    def test_no_two_are_the_same(self) -> None:
        assert TOKENS.issue(7) != TOKENS.issue(7)


class TestRefusal:
    def test_of_one_that_has_expired(self) -> None:
        expired = Tokens(SECRET, timedelta(seconds=-1)).issue(7)
        with pytest.raises(TokenInvalid):
            TOKENS.user_id(expired)

    def test_of_one_of_another_service(self) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.user_id(Tokens(SECRET[::-1], timedelta(minutes=15)).issue(7))

    @given(st.text())
    def test_of_any_text(self, text: str) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.user_id(text)

    @given(st.tuples(st.binary(), st.binary(), st.binary()))
    def test_of_any_three_parts(self, parts: tuple[bytes, bytes, bytes]) -> None:
        with pytest.raises(TokenInvalid):
            TOKENS.user_id(b".".join(map(urlsafe_b64encode, parts)).decode())

    @given(ANY_JSON)
    def test_of_any_header(self, header: object) -> None:
        _, payload, signature = TOKENS.issue(7).split(".")
        other = urlsafe_b64encode(json.dumps(header).encode()).decode()
        with pytest.raises(TokenInvalid):
            TOKENS.user_id(f"{other}.{payload}.{signature}")
