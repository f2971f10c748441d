"""Responses with ready documents: a record, a page of records, and the result of a write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response

from app.web.caching import NO_STORE, PRIVATE, tag_of
from app.web.conditional import etag_for_client, etag_of
from app.web.json_documents import array, with_fields
from app.web.media_types import JSON
from app.web.pagination import link_header

if TYPE_CHECKING:
    from app.queries.keyset import Page


def one(document: str) -> Response:
    """A record with its ETag."""
    response = Response(document, mimetype=JSON)
    response.headers["ETag"] = f'"{etag_of(document)}"'
    return response


def many(page: Page, fields: str | None = None) -> Response:
    """A page as a JSON array.

    Args:
        page: the page.
        fields: names separated by commas; of each document, only these fields are sent.
    """
    documents = (
        page.documents if fields is None else [_only(document, fields.split(",")) for document in page.documents]
    )
    return paged(array(documents), page)


def _only(document: str, fields: list[str]) -> str:
    record = json.loads(document)
    return json.dumps({name: record[name] for name in fields}, ensure_ascii=False, separators=(",", ":"))


def paged(body: str, page: Page) -> Response:
    """A body with a page, its `Link` and `X-Total-Count` headers, and a weak ETag of them all."""
    content, link = body.encode(), link_header(page)
    total = "" if page.total is None else str(page.total)
    response = Response(content, mimetype=JSON)
    response.headers["Link"] = link
    if total:
        response.headers["X-Total-Count"] = total
    response.headers["ETag"] = f'W/"{tag_of(content, link.encode(), total.encode())}"'
    return response


def created(document: str, location: str, message: str, **once: str) -> Response:
    """201 with the new record, and with what is shown only once."""
    response = changed(document, message, **once)
    response.status_code = 201
    response.headers["Location"] = location
    return response


def changed(document: str, message: str, **once: str) -> Response:
    """200 with the changed record and its new ETag."""
    response = Response(written(document, message, **once), mimetype=JSON)
    response.set_etag(etag_for_client(document))
    return response


def written(document: str, message: str, **once: str) -> str:
    """The body of the response to a write."""
    return with_fields(document, **once, status="success", message=message)


def deleted(message: str) -> Response:
    """200 with a message that the record was deleted."""
    return Response(json.dumps({"status": "success", "message": message}, ensure_ascii=False), mimetype=JSON)


def private(response: Response) -> Response:
    """Forbid shared caches to store a response (RFC 9111, section 5.2.2.7); the client's own revalidates it."""
    response.headers["Cache-Control"] = PRIVATE
    response.vary.add("Authorization")
    return response


def no_store(response: Response) -> Response:
    """Forbid caching a response that is personal or carries a secret (RFC 9111, section 5.2.2.5)."""
    response.headers["Cache-Control"] = NO_STORE
    return response
