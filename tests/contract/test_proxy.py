"""The proxy of docker-compose.full.yml lets through what the API takes and says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.schemas.lists import LONGEST_SEARCH
from devtools.databases import ROOT

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

HAN = "\N{CJK UNIFIED IDEOGRAPH-20BB7}"
"""Four bytes, of which each is three characters in an address."""


def buffer(directive: str) -> int:
    """The bytes that one of nginx's buffers holds."""
    found = re.search(rf"^\s*{directive} (?:\d+ )?(\d+)k;", (ROOT / "deploy/nginx.conf").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


class TestLongestSearch:
    def test_fits_into_the_buffers(self, client: Client, member: Client, make: Factory) -> None:
        for _ in range(2):
            make.book(member, title=HAN * 2)
        reply = client.get("/books", params={"q": HAN * LONGEST_SEARCH, "limit": 1, "sort": "title"})
        assert (reply.status_code, set(reply.links)) == (200, {"next", "first"})
        assert len(reply.request.url.raw_path) + 1024 < buffer("large_client_header_buffers")
        assert len(reply.headers["Link"]) + 4096 < buffer("proxy_buffer_size") <= buffer("proxy_buffers")
