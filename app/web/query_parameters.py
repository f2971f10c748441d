"""What holds for the query of every address: UTF-8, no parameter that is not declared, none empty, none twice."""

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

    from apiflask import APIFlask

HALF_AN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def register_query_rules(app: APIFlask) -> None:
    """Look at every address before any view does, so that no route can forget to."""
    app.before_request(_require_utf8_path)
    app.before_request(_require_known_parameters_of_public)


def require_known_parameters() -> None:
    """Stop a request whose query is not UTF-8, or has parameters where its operation declares none.

    Where it declares some, `app.web.operations` holds them against their schema.

    Raises:
        InvalidRequest: each such parameter is named.
    """
    if not request.query_string:
        return
    _require_utf8_query()
    if not _specification().get("args") and request.args:
        raise invalid_query(
            *(Fault(name[:LONGEST_NAME], "is not a parameter that is known here", "parameter") for name in request.args)
        )


def faults_of_form(known: Collection[str], repeatable: Collection[str]) -> list[Fault]:
    """What is wrong with the parameters whatever they mean: those that are empty, or given too often.

    Args:
        known: the names of those that the operation has; others are found by its schema.
        repeatable: the names of those that may be given several times.
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
        request.environ["PATH_INFO"].encode("latin-1").decode()  # as PEP 3333 hands it on
    except UnicodeError:
        msg = "The path of the address is not UTF-8."
        raise InvalidRequest(msg) from None


def _require_known_parameters_of_public() -> None:
    """Where a token is needed, `app.auth` asks for it first (decision 4), and then does the same."""
    if request.endpoint is not None and request.method != "OPTIONS" and not _specification().get("security"):
        require_known_parameters()


def _specification() -> dict[str, Any]:
    """What APIFlask knows of the operation; nothing, for files."""
    found: dict[str, Any] = getattr(current_app.view_functions[request.endpoint or ""], "_spec", {})
    return found


def _require_utf8_query() -> None:
    """Python puts U+FFFD for what is no UTF-8, and Werkzeug the escape itself: a search for another text.

    Overlong forms and surrogates are none either (RFC 3629, section 3).
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
