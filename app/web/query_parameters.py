"""Rules for every query string: UTF-8, and no parameter that is undeclared, empty or repeated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from flask import current_app, request

from app.domain.clean_text import ENDS
from app.errors import Fault, InvalidRequest
from app.schemas.validation_errors import LONGEST_NAME, invalid_query

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Flask

HALF_AN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def register_query_rules(app: Flask) -> None:
    """Check every URL before its view runs, so that no route can forget to."""
    app.before_request(_require_utf8_path)
    app.before_request(_require_known_parameters_of_public)


def require_known_parameters() -> None:
    """Reject a query that is not UTF-8, or has parameters although the operation declares none.

    If the operation declares some, `app.web.operations` validates them against their schema.

    Raises:
        InvalidRequest: with one fault for each such parameter.
    """
    if not request.query_string:
        return
    _require_utf8_query()
    if not _specification().get("args") and request.args:
        raise invalid_query(
            *(Fault(name[:LONGEST_NAME], "is not a known parameter", "parameter") for name in request.args)
        )


def faults_of_form(known: Collection[str], repeatable: Collection[str]) -> list[Fault]:
    """Faults in the form of the parameters: those that are empty, or repeated without being repeatable.

    Args:
        known: the parameters of the operation; its schema reports others.
        repeatable: the parameters that may be repeated.
    """
    return [
        Fault(name, "must not be empty" if _some_empty(values) else "must be given once", "parameter")
        for name, values in request.args.lists()
        if name in known and (_some_empty(values) or (len(values) > 1 and name not in repeatable))
    ]


def _some_empty(values: list[str]) -> bool:
    return not all(value.strip(ENDS) for value in values)


def _require_utf8_path() -> None:
    try:
        request.environ["PATH_INFO"].encode("latin-1").decode()  # how PEP 3333 passes bytes
    except UnicodeError:
        msg = "The path of the URL is not UTF-8."
        raise InvalidRequest(msg) from None


def _require_known_parameters_of_public() -> None:
    """Check public operations; on others `app.auth` first requires the token (decision 4), and then does the same."""
    if request.endpoint is not None and request.method != "OPTIONS" and not _specification().get("security"):
        require_known_parameters()


def _specification() -> dict[str, Any]:
    """Flask's specification of the operation; empty for static files."""
    found: dict[str, Any] = getattr(current_app.view_functions[request.endpoint or ""], "_spec", {})
    return found


def _require_utf8_query() -> None:
    """Reject invalid UTF-8: Python would replace it by U+FFFD, and Werkzeug keep the escape, so the text would differ.

    Overlong forms and surrogates are invalid as well (RFC 3629, section 3).
    """
    faults = [
        Fault(_name(part), "must be UTF-8, percent-encoded", "parameter")
        for part in request.query_string.split(b"&")
        if HALF_AN_ESCAPE.search(part) or not _is_utf8(unquote_to_bytes(part))
    ]
    if faults:
        raise invalid_query(*faults)


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _name(part: bytes) -> str:
    return unquote_to_bytes(part.partition(b"=")[0]).decode(errors="replace")[:LONGEST_NAME]
