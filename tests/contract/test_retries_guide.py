"""The guide to retries tells the truth: its requests get the responses that it shows."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from devtools.databases import ROOT
from tests.contract.readme import Exchange, exchanges

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.factories import Factory

GUIDE = (ROOT / "docs" / "retries.md").read_text()
ADDRESS = "http://localhost:5000"
DIFFERS = {"id", "location", "created_at", "updated_at", "updated_by", "request_id", "etag"}
"""What is another each time."""


def send(client: Client, command: str) -> httpx.Response:
    """Send the request of a `curl` command, signed in as this client."""
    words = shlex.split(command)
    options = dict(pairwise(words))
    headers = [word.split(": ", 1) for option, word in pairwise(words) if option == "-H"]
    own = {name: value for name, value in headers if name != "Authorization"}
    [url] = [word for word in words if word.startswith(ADDRESS)]
    return client.post(url.removeprefix(ADDRESS), content=options["-d"], headers=own)


def lasting(fields: dict[str, Any]) -> dict[str, Any]:
    """Headers or a document, without what is another each time."""
    return {name: value for name, value in fields.items() if name not in DIFFERS}


def headers_shown(exchange: Exchange) -> dict[str, str]:
    """The headers of an answer."""
    _, *lines = exchange.answer.partition("\n\n")[0].splitlines()
    return dict(line.split(": ", 1) for line in lines)


class TestGuide:
    def test_shows_what_the_service_answers(self, member: Client, make: Factory) -> None:
        make.author(member, id=373)
        shown = exchanges(GUIDE)
        assert len(shown) == 3
        for exchange in shown:
            reply = send(member, exchange.command)
            assert exchange.answer.startswith(f"HTTP/1.1 {reply.status_code} ")
            assert lasting(reply.json()) == lasting(exchange.body)
            assert json.dumps(lasting(reply.json())) == json.dumps(lasting(exchange.body)), "another order of fields"
            headers = headers_shown(exchange)
            assert lasting(headers).items() <= dict(reply.headers).items()
            assert headers.keys() <= reply.headers.keys()
            assert ("idempotency-replayed" in headers) == ("idempotency-replayed" in reply.headers)

    @pytest.mark.parametrize("error", [IdempotencyKeyInUse, IdempotencyKeyReused])
    def test_names_the_errors(self, error: type[IdempotencyKeyInUse | IdempotencyKeyReused]) -> None:
        assert f"`{error.code}`" in GUIDE or f'"{error.code}"' in GUIDE
