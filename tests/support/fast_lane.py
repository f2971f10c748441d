"""Requests to the front of the service, with the fast lane or without it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from app.front.application import Front
from app.front.fast_lane import FastLane
from app.web.state import EXTENSION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from flask import Flask

Received = tuple[int, dict[str, str], bytes]


def scope_of(address: str, **headers: str) -> dict[str, Any]:
    """An ASGI scope, as granian's."""
    path, _, query = address.partition("?")
    return {
        "type": "http",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "method": "GET",
        "headers": [(b"x-request-id", b"same"), *_encoded(headers)],
        "scheme": "http",
        "http_version": "1.1",
        "server": ("127.0.0.1", "80"),
        "client": ("127.0.0.1", 123),
    }


def post_of(body: bytes, address: str = "/books", **headers: str) -> dict[str, Any]:
    """The scope of a POST, with its body for `answers`."""
    named = {"content_type": "application/json", "content_length": str(len(body))} | headers
    return scope_of(address, **named) | {"method": "POST", "body": body}


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]


def answers(app: Flask, scopes: Sequence[dict[str, Any]], *, fast: bool) -> list[Received]:
    """The answers of a front to requests that arrive together."""
    state = app.extensions[EXTENSION]
    front = Front(app, state.settings, FastLane(app, state) if fast else None)

    async def one(scope: dict[str, Any]) -> Received:
        messages: list[dict[str, Any]] = []
        await front(scope, _body_of(scope), messages.append)  # type: ignore[arg-type]  # as granian's, it sends at once
        start, whole = messages
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        assert len(headers) == len(start["headers"])
        return start["status"], headers, whole["body"]

    async def all_of_them() -> list[Received]:
        return await asyncio.gather(*map(one, scopes))

    return asyncio.run(all_of_them())


def _body_of(scope: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    """ASGI's `receive`: the body, if there is one, and then nothing for long."""
    parts = [scope["body"]] if "body" in scope else []

    async def receive() -> dict[str, Any]:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    return receive
