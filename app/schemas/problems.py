"""Errors on the wire: problem details (RFC 9457), one shape for every failure."""

from __future__ import annotations

from typing import Annotated

from pydantic import MISSING, Field

from app.schemas.base import Reply, example


class ProblemFault(Reply):
    """One thing that is wrong, and where: one of `pointer`, `parameter` and `header`."""

    pointer: Annotated[str | MISSING, Field(description="A JSON pointer (RFC 6901) into the body.")] = MISSING
    parameter: Annotated[str | MISSING, Field(description="The name of a query parameter.")] = MISSING
    header: Annotated[str | MISSING, Field(description="The name of a header.")] = MISSING
    detail: str


class Problem(Reply):
    """What went wrong."""

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

    type: Annotated[str, Field(description="A page that explains the code.")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(description="The kind of failure, for programs.")]
    detail: Annotated[str, Field(description="The failure, for persons.")]
    error: Annotated[str, Field(description="The same as `detail`.")]
    errors: Annotated[
        list[ProblemFault] | MISSING,
        Field(description="Every fault of the request, where the request itself is at fault."),
    ] = MISSING
    request_id: Annotated[str, Field(description="Under this id the failure is in the log.")]
