"""Schemas of errors: problem details (RFC 9457), one format for every failure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, get_args

from pydantic import MISSING, Field

from app.errors import DatabaseCause
from app.schemas.base import Reply, example

_CAUSES = ", ".join(f"`{cause}`" for cause in get_args(DatabaseCause))


class ProblemFault(Reply):
    """One invalid part of the request, located by `pointer`, `parameter` or `header`."""

    pointer: Annotated[str | MISSING, Field(description="A JSON pointer (RFC 6901) into the body.")] = MISSING
    parameter: Annotated[str | MISSING, Field(description="The name of a query parameter.")] = MISSING
    header: Annotated[str | MISSING, Field(description="The name of a header.")] = MISSING
    detail: str


class Problem(Reply):
    """An error, as problem details (RFC 9457)."""

    model_config = example(
        {
            "type": "/docs/errors#invalid_request",
            "title": "Invalid request",
            "status": 400,
            "code": "invalid_request",
            "detail": "Invalid request body: title: must not be empty",
            "error": "Invalid request body: title: must not be empty",
            "errors": [{"pointer": "/title", "detail": "must not be empty"}],
            "request_id": "0b1f6c6e5a0f4c8e9b1d7f3a2c4e6d80",
        }
    )

    type: Annotated[str, Field(description="The URL of a page that explains the code.")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(description="The kind of error, for programs.")]
    detail: Annotated[str, Field(description="The error, for people.")]
    error: Annotated[str, Field(description="The same as `detail`.")]
    errors: Annotated[
        list[ProblemFault] | MISSING,
        Field(description="Every invalid part of the request, if the request is invalid."),
    ] = MISSING
    cause: Annotated[
        str | MISSING,
        Field(description=f"Why the database is unavailable, if it is: {_CAUSES}. Later versions may add others."),
    ] = MISSING
    deleted_at: Annotated[datetime | MISSING, Field(description="When the record was deleted, if it was.")] = MISSING
    request_id: Annotated[str, Field(description="The id of this request in the server's log.")]
