"""Requests whose bodies come late: the headers and a few bytes, then, after whatever happens meanwhile, the rest."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from tests.attacks.endings import ANOTHER
from tests.server.raw import raw_connection
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST = 3
"""How many bytes of the body come with the headers."""

Body = dict[str, Any]

CATALOGUE: dict[str, Body] = {
    "POST /books": {"title": "Too late", "author_id": "{author_id}"},
    "PUT /books/{book_id}": {"title": "Too late"},
    "PATCH /books/{book_id}": {"title": "Too late"},
    "POST /books/batch": {"books": [{"title": "Too late", "author_id": "{author_id}"}]},
    "POST /imports": {"title": "Too late", "contributors": [{"name": "Too Late"}]},
    "POST /authors": {"name": "Too Late"},
    "PUT /authors/{author_id}": {"name": "Too Late"},
    "PATCH /authors/{author_id}": {"name": "Too Late"},
}
ACCOUNT: dict[str, Body] = {
    "PUT /auth/password": {"current_password": PASSWORD, "new_password": ANOTHER},
    "POST /auth/me/deletion": {"current_password": PASSWORD},
    "POST /auth/keys": {"name": "too late", "scopes": ["books:write"]},
    "POST /auth/step-up": {"password": PASSWORD},
    "POST /auth/totp/confirm": {"code": "123456"},
    "POST /auth/identities": {"sign_in_code": "bo_4f0sHq2m"},
    "PATCH /users/{user_id}": {"disabled": True},
    "POST /auth/logout-all": {"revoke_keys": True},
    "POST /genres/rename": {"name": "Timely", "new_name": "Too late"},
    "POST /users/{user_id}/logout-all": {"revoke_keys": True},
    "POST /invitations": {"note": "too late"},
    "POST /webhooks": {"url": "https://late.example/"},
    "PATCH /webhooks/{webhook_id}": {"url": "https://late.example/"},
    "POST /webhooks/{webhook_id}/replay": {"since": "2026-11-22T10:00:00Z"},
}
HARMLESS = {"POST /auth/logout"}
"""Writes that may come too late: they only end sessions."""


@contextmanager
def late_bodies(
    base: str, bearer: str, operations: dict[str, Body], known: dict[str, int]
) -> Iterator[Callable[[], dict[str, httpx.Response]]]:
    """Begin these operations; the block gets what completes them and returns the answers.

    Args:
        base: the address of the server.
        bearer: the token or key of all requests.
        operations: the bodies, by method and path.
        known: the ids that paths and bodies name.
    """
    with ExitStack() as stack:
        begun = {}
        for operation, body in operations.items():
            method, path = operation.format(**known).split(" ")
            sent = json.dumps(_filled(body, known)).encode()
            connection = stack.enter_context(raw_connection(base))
            head = (
                f"{method} {path} HTTP/1.1\r\nHost: books.test\r\nAuthorization: Bearer {bearer}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\nConnection: close\r\n\r\n"
            )
            connection.send(head.encode(), sent[:FIRST])
            begun[operation] = connection, sent[FIRST:]

        def complete() -> dict[str, httpx.Response]:
            for connection, rest in begun.values():
                connection.send(rest)
            return {operation: response_of(connection.read_rest()) for operation, (connection, _) in begun.items()}

        yield complete


def response_of(raw: bytes) -> httpx.Response:
    """The response in what a server sent."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return httpx.Response(int(head.split(b" ", 2)[1]), content=body)


def _filled(body: Any, known: dict[str, int]) -> Any:
    """The body with the ids that it names."""
    if isinstance(body, dict):
        return {name: _filled(value, known) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, known) for value in body]
    return known.get(body.strip("{}"), body) if isinstance(body, str) else body
