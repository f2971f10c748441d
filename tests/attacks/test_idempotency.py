"""Keys of other users, keys of strange forms, and responses that are no longer the client's to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api.responses import refusal

if TYPE_CHECKING:
    import httpx

    from tests.attacks.attack_fixtures import AttackContext
    from tests.support.client import Client

AUTHOR = {"name": "Hypatia"}
KEY = {"Idempotency-Key": '"guessed"'}
ODD = {
    "empty": [b""],
    "of 256 characters": [b"a" * 256],
    "of 10,000 characters": [b"a" * 10_000],
    "not ASCII": ["ключ".encode()],
    "in quotes that do not end": [b'"a'],
    "with a parameter": [b'"a";secure'],
    "a list": [b'"a", "b"'],
    "in two headers": [b"a", b"b"],
    "the same in two headers": [b"a", b"a"],
    "a number with a tab": [b"1\t2"],
    "SQL": [b"' OR 1=1; --"],
}


def add(client: Client) -> httpx.Response:
    return client.post("/authors", json=AUTHOR, headers=KEY)


class TestKeyOfAnotherUser:
    def test_gives_nothing_of_the_response(self, context: AttackContext) -> None:
        first = add(context.victim.client).raise_for_status()
        reply = add(context.attacker.client)
        assert (reply.status_code, "Idempotency-Replayed" in reply.headers) == (201, False)
        assert reply.json()["id"] != first.json()["id"]
        assert add(context.victim.client).content == first.content
        other = context.attacker.client.post("/authors", json={"name": "Theon"}, headers=KEY)
        assert refusal(other) == (422, "idempotency_key_reused"), "by the attacker's own request"


class TestFormerPermission:
    def test_gives_no_response(self, context: AttackContext) -> None:
        victim = context.victim
        session, reader = victim.sign_in(), context.anonymous.as_bearer(victim.new_key(scopes=["books:read"]))
        writer = context.anonymous.as_bearer(victim.new_key())
        for client in (session.client, writer):
            assert add(client).status_code == 201
        assert refusal(add(reader)) == (403, "insufficient_scope")
        session.client.post("/auth/logout").raise_for_status()
        assert refusal(add(session.client)) == (401, "token_invalid")
        assert refusal(add(context.anonymous)) == (401, "token_missing")
        context.patch_victim(disabled=True)
        assert refusal(add(writer)) == (401, "token_invalid")
        context.patch_victim(disabled=False)
        assert add(writer).headers["Idempotency-Replayed"] == "true"


class TestOddKey:
    def test_is_a_400_that_names_the_header(self, context: AttackContext) -> None:
        client = context.attacker.client
        for name, values in ODD.items():
            request = client.build_request("POST", "/authors", json=AUTHOR)
            request.headers = type(request.headers)(
                [*request.headers.raw, *((b"Idempotency-Key", it) for it in values)]
            )
            reply = client.send(request)
            assert refusal(reply) == (400, "invalid_request"), name
            assert [fault["header"] for fault in reply.json()["errors"]] == ["Idempotency-Key"], name
