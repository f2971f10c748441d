"""Rules for every query string: UTF-8, and no parameter that is undeclared, empty or repeated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from flask import current_app, request

from app.errors import Fault, InvalidRequest
from app.schemas.validation_errors import LONGEST_NAME, invalid_query
from app.web.operations import declaration_of

if TYPE_CHECKING:
    from flask import Flask

    from app.web.operations import Declaration

MOST_PARAMETERS = 500
"""Far more than any list takes: a URL has room for thousands, which would take long to parse."""
HALF_AN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def register_query_rules(app: Flask) -> None:
    """Check every URL before its view runs, so that no route can forget to."""
    app.before_request(_require_utf8_path)
    app.before_request(_require_known_parameters_of_public)


def require_known_parameters() -> None:
    """Reject a query that is not UTF-8, or has parameters although the operation declares none.

    If the operation declares some, `app.web.validation` validates them against their schema.

    Raises:
        InvalidRequest: with one fault for each such parameter.
    """
    if not request.query_string:
        return
    if (parameters := request.query_string.count(b"&") + 1) > MOST_PARAMETERS:
        msg = f"The URL has {parameters:,} parameters; at most {MOST_PARAMETERS} are read."
        raise InvalidRequest(msg)
    _require_utf8_query()
    declared = _declaration()
    if declared.query is None and not declared.takes_any_parameters and request.args:
        raise invalid_query(
            *(Fault(name[:LONGEST_NAME], "is not a known parameter", "parameter") for name in request.args)
        )


def _require_utf8_path() -> None:
    try:
        request.environ["PATH_INFO"].encode("latin-1").decode()  # how PEP 3333 passes bytes
    except UnicodeError:
        msg = "The path of the URL is not UTF-8."
        raise InvalidRequest(msg) from None


def _require_known_parameters_of_public() -> None:
    """Check public operations; on others `app.auth` first requires the token (decision 4), and then does the same."""
    if request.endpoint is not None and request.method != "OPTIONS" and not _declaration().is_protected:
        require_known_parameters()


def _declaration() -> Declaration:
    return declaration_of(current_app.view_functions[request.endpoint or ""])


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
