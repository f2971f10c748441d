"""Errors in the OpenAPI document: which ones refuse access to an operation, and the responses that report them."""

from __future__ import annotations

from typing import Literal

from app.errors import (
    BooksError,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InsufficientScope,
    NotAdmin,
    PersonRequired,
    RoleLost,
    SecondFactorMissing,
    TokenInvalid,
    TokenMissing,
    WritingClosed,
)
from app.web.http_errors import status_of
from app.web.media_types import PROBLEM
from app.web.openapi_components import CODES
from app.web.openapi_headers import PROBLEM_HEADERS, Document
from app.web.openapi_schemas import SCHEMAS

Access = Literal["any", "read", "write", "import", "person", "admin"]
"""Who may call an operation; `app.auth` says what each of them means."""
ACCESS: dict[Access | None, list[type[BooksError]]] = {
    None: [],
    "any": [TokenMissing, TokenInvalid],
    "read": [TokenMissing, TokenInvalid, InsufficientScope],
    "write": [TokenMissing, TokenInvalid, InsufficientScope, WritingClosed, RoleLost, SecondFactorMissing],
    "import": [TokenMissing, TokenInvalid, InsufficientScope, WritingClosed, RoleLost, SecondFactorMissing],
    "person": [TokenMissing, TokenInvalid, PersonRequired],
    "admin": [TokenMissing, TokenInvalid, PersonRequired, NotAdmin, SecondFactorMissing],
}
"""The errors that refuse access to an operation."""
KEY_ERRORS = (IdempotencyKeyInUse, IdempotencyKeyReused)


def problems(*errors: type[BooksError]) -> Document:
    """The responses, by status, that report these errors."""
    responses: Document = {}
    for error in errors:
        status = status_of(error)
        response = responses.setdefault(
            status,
            {
                "headers": PROBLEM_HEADERS.get(status, {}),
                "content": {PROBLEM: {"schema": {"$ref": f"{SCHEMAS}Problem"}, CODES: {}}},
            },
        )
        response["content"][PROBLEM][CODES][error.code] = error.message
    return responses
