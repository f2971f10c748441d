"""Access tokens: valid ones, and the table of attacks."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.attacks.attack_fixtures import AttackContext
from tests.attacks.endings import ENDINGS
from tests.attacks.forging import RSA, by_attacker
from tests.attacks.refreshing import REFRESHING
from tests.attacks.table import ATTACKS, ODD_HEADERS, VALID, require_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.attacks.credentials import Credential
    from tests.attacks.endings import Ending
    from tests.support.client import Client
    from tests.support.copied_users import UserCopies


@pytest.fixture
def context(client: Client, database: DatabaseInside, user_copies: UserCopies) -> AttackContext:
    return AttackContext(client, database, user_copies)


class TestGoodToken:
    @pytest.mark.parametrize("valid", VALID.values(), ids=VALID)
    def test_lets_in(self, context: AttackContext, valid: Credential) -> None:
        assert context.anonymous.as_bearer(valid(context)).get("/auth/me").json()["id"] == context.victim.user_id

    @pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
    def test_the_scheme_has_no_case(self, context: AttackContext, scheme: str) -> None:
        headers = {"Authorization": f"{scheme}{context.victim.access_token}"}
        assert context.anonymous.get("/auth/me", headers=headers).status_code == 200


class TestBadToken:
    """Each is a valid one of above, but for one thing."""

    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
    def test_is_refused(self, context: AttackContext, attack: Credential) -> None:
        require_refusal(context.anonymous.as_bearer(attack(context)).get("/auth/me"))

    def test_of_letters_beyond_ascii(self, through: Callable[..., Client]) -> None:
        require_refusal(through(HTTP_AUTHORIZATION="Bearer \xe9\xff.\x80.\xfc").get("/auth/me"))

    @pytest.mark.parametrize("odd", ODD_HEADERS.values(), ids=ODD_HEADERS)
    def test_in_an_odd_header(
        self, context: AttackContext, through: Callable[..., Client], odd: Callable[[str], list[str]]
    ) -> None:
        """Several headers of one name come as one (RFC 3875, section 4.1.18)."""
        client = through(HTTP_AUTHORIZATION=",".join(odd(context.victim.access_token)))
        assert client.get("/auth/me").status_code == 401

    @pytest.mark.parametrize("where", ["jku", "x5u", "kid"])
    def test_makes_the_service_fetch_nothing(self, context: AttackContext, where: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as elsewhere:
            address = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/keys"
            forge = by_attacker("RS256", RSA, **{where: address})
            require_refusal(context.anonymous.as_bearer(forge(context.victim.access_token)).get("/auth/me"))
            elsewhere.setblocking(False)  # noqa: FBT003
            with pytest.raises(BlockingIOError):
                elsewhere.accept()

    @pytest.mark.parametrize("parameter", ["access_token", "token", "Authorization"])
    def test_is_not_read_from_the_address(self, context: AttackContext, parameter: str) -> None:
        reply = context.anonymous.get("/auth/me", params={parameter: context.victim.access_token})
        assert refusal(reply) == (401, "token_missing")


class TestRefreshToken:
    @pytest.mark.parametrize("attack", REFRESHING.values(), ids=REFRESHING)
    def test_a_bad_one_is_refused(self, context: AttackContext, attack: Credential) -> None:
        reply = context.anonymous.post("/auth/refresh", json={"refresh_token": attack(context)})
        assert refusal(reply) == (401, "refresh_token_invalid")
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api"'

    @pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
    def test_none_of_a_session_that_ended_is_good(self, context: AttackContext, end: Ending) -> None:
        valid = context.victim.refresh_token
        end(context)
        reply = context.anonymous.post("/auth/refresh", json={"refresh_token": valid})
        assert refusal(reply) == (401, "refresh_token_invalid")


class TestNoToken:
    @pytest.mark.parametrize("header", ["", " ", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "Bearer,", "\t"])
    def test_is_told_to_sign_in(self, client: Client, header: str) -> None:
        reply = client.get("/auth/me", headers={"Authorization": header})
        assert refusal(reply) == (401, "token_missing")
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api"'

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/books"),
            ("PUT", "/books/1"),
            ("DELETE", "/books/1"),
            ("POST", "/authors"),
            ("GET", "/auth/me"),
        ],
    )
    def test_is_told_so_before_anything_else(self, client: Client, method: str, path: str) -> None:
        reply = client.request(method, path, content=b"\xff", headers={"Content-Type": "nonsense"})
        assert refusal(reply) == (401, "token_missing")
