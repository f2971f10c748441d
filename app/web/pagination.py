"""Pagination over HTTP: cursors in requests, and `Link` headers (RFC 8288)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from flask import request

from app.web.state import state

if TYPE_CHECKING:
    from app.queries.keyset import Page, SortValues

PAGING = {"limit", "cursor", "count"}
"""The parameters that may differ between pages of one list."""
Parameters = Sequence[tuple[str, str]]
"""Those of a query string, decoded."""


def list_name(path: str, parameters: Parameters) -> str:
    """The identity of a list: its path and filters."""
    filters = sorted((name, value) for name, value in parameters if name not in PAGING)
    return f"{path}?{urlencode(filters)}"


def start_key() -> SortValues | None:
    """The key after which the page begins; None for the first page.

    Raises:
        InvalidCursor: the cursor does not belong to this list.
    """
    cursor = request.args.get("cursor")
    return None if cursor is None else state().cursors.decode(cursor, list_name(request.path, _parameters()))


def link_header(page: Page) -> str:
    """The value of `Link`. Its targets are relative (RFC 8288, section 3.1), so it does not depend on `Host`."""
    following = None
    if page.after is not None:
        cursor = state().cursors.encode(page.after, list_name(request.path, _parameters()))
        following = address_with("cursor", cursor)
    return links(address_with("cursor", None), following)


def links(first: str, following: str | None) -> str:
    """The `Link` of a page, with the addresses of the first page and of the next one, if there is one."""
    to_first = f'<{first}>; rel="first"'
    return to_first if following is None else f'<{following}>; rel="next", {to_first}'


def address_with(parameter: str, value: str | None) -> str:
    """The relative URL of this request with another value of a parameter; None: without it."""
    parameters = [(name, given) for name, given in _parameters() if name != parameter]
    if value is not None:
        parameters.append((parameter, value))
    return quote(request.root_path + request.path) + (f"?{urlencode(parameters)}" if parameters else "")


def _parameters() -> list[tuple[str, str]]:
    return list(request.args.items(multi=True))
