"""Pagination over HTTP: cursors in requests, and `Link` headers (RFC 8288)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import request

from app.web.state import state

if TYPE_CHECKING:
    from app.queries.keyset import Page, SortValues

PAGING = {"limit", "cursor", "count"}
"""The parameters that may differ between pages of one list."""


def list_name() -> str:
    """The identity of this list: its path and filters."""
    filters = sorted((name, value) for name, value in request.args.items(multi=True) if name not in PAGING)
    return f"{request.path}?{urlencode(filters)}"


def start_key() -> SortValues | None:
    """The key after which the page begins; None for the first page.

    Raises:
        InvalidCursor: the cursor does not belong to this list.
    """
    cursor = request.args.get("cursor")
    return None if cursor is None else state().cursors.decode(cursor, list_name())


def link_header(page: Page) -> str:
    """The value of `Link`. Its targets are relative (RFC 8288, section 3.1), so it does not depend on `Host`."""
    links = [f'<{address_with("cursor", None)}>; rel="first"']
    if page.after is not None:
        cursor = state().cursors.encode(page.after, list_name())
        links.insert(0, f'<{address_with("cursor", cursor)}>; rel="next"')
    return ", ".join(links)


def address_with(parameter: str, value: str | None) -> str:
    """The relative URL of this request with another value of a parameter; None: without it."""
    parameters = [(name, given) for name, given in request.args.items(multi=True) if name != parameter]
    if value is not None:
        parameters.append((parameter, value))
    return quote(request.root_path + request.path) + (f"?{urlencode(parameters)}" if parameters else "")
