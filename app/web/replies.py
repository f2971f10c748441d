"""The forms of an answer: one record, a page of them, and what became of a write."""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response, after_this_request

from app.web.conditional import etag_of, not_modified
from app.web.links import link_header
from app.web.media import JSON

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.pagination import Page


def one(document: str) -> Response:
    """A record with its ETag; or 304 and no body, where the client has it."""
    response = Response(status=304) if not_modified(document) else Response(document, mimetype=JSON)
    response.set_etag(etag_of(document))
    return response


def many(page: Page, fields: str | None = None) -> Response:
    """A page as a bare array; of each document only the fields that are asked for, separated by commas."""
    documents = (
        page.documents if fields is None else [_only(document, fields.split(",")) for document in page.documents]
    )
    return paged(f"[{','.join(documents)}]", page)


def _only(document: str, fields: list[str]) -> str:
    record = json.loads(document)
    return json.dumps({name: record[name] for name in fields}, ensure_ascii=False, separators=(",", ":"))


def paged(body: str, page: Page) -> Response:
    """A body that shows a page, with the headers that lead on."""
    response = Response(body, mimetype=JSON)
    response.headers["Link"] = link_header(page)
    if page.total is not None:
        response.headers["X-Total-Count"] = str(page.total)
    return response


def created(document: str, location: str, message: str) -> Response:
    """201, with the new record."""
    response = changed(document, message)
    response.status_code = 201
    response.headers["Location"] = location
    return response


def changed(document: str, message: str) -> Response:
    """200, with the record as it now stands, and its new ETag."""
    status = json.dumps({"status": "success", "message": message}, ensure_ascii=False)
    response = Response(f"{document[:-1]},{status[1:]}", mimetype=JSON)
    response.set_etag(etag_of(document))
    return response


def deleted(message: str) -> Response:
    """200, with the word that it is gone."""
    return Response(json.dumps({"status": "success", "message": message}, ensure_ascii=False), mimetype=JSON)


def no_store(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep all that a view answers, its refusals too, out of every cache: a token, or what is one person's.

    Put it right below the route.
    """

    @wraps(view)
    def unstored(*args: object, **kwargs: object) -> object:
        after_this_request(_forbid_storing)
        return view(*args, **kwargs)

    specification = vars(unstored).setdefault("_spec", {})
    specification["extensions"] = (specification.get("extensions") or {}) | {"x-no-store": True}
    return unstored


def _forbid_storing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
