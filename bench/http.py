"""Some of the reads over HTTP, without a network: what the HTTP layer adds to the queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import httpx

from app.main import create_app
from bench.catalogue import Catalogue
from bench.reads import FLAT, SEARCH, Read, Reads
from devtools.databases import settings_for

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from sqlalchemy import Connection

    from app.database import Database
    from bench.reads import Call


def http_reads(database: Database, catalogue: Catalogue) -> list[Read]:
    """Send requests to an application on that database."""
    url = database.engine.url.render_as_string(hide_password=False)
    app = create_app(settings_for(url, log_level="error"), database)
    transport = httpx.WSGITransport(app=cast("WSGIApplication", app))
    client = httpx.Client(transport=transport, base_url="http://bench")
    reads = Reads(database, catalogue)
    return [
        Read("GET /books/<id>", FLAT, [_get(client, f"/books/{book['id']}") for book in reads.sampled[:200]]),
        Read("GET /books?sort=title", FLAT, [_get(client, "/books?sort=title")]),
        Read("GET /books?genre=fiction", FLAT, [_get(client, "/books?genre=fiction")]),
        Read("GET /books?q= two words", SEARCH, [_get(client, "/books", q=text) for text in reads.two_words()]),
    ]


def _get(client: httpx.Client, path: str, **parameters: str) -> Call:
    def call(_connection: Connection) -> object:
        return client.get(path, params=parameters or None).raise_for_status()

    return call
