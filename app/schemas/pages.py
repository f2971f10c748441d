"""What every list understands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.schemas.base import Query, Whole

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200


class PageQuery(Query):
    """Which page of a list, and how long."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_LIMIT, description="The most entries in the answer."), Whole] = (
        DEFAULT_LIMIT
    )
    cursor: Annotated[
        str | MISSING,
        Field(max_length=1000, description="Where the page begins: from the `Link` header of the page before."),
    ] = MISSING
    count: Annotated[Literal["exact"] | MISSING, Field(description="`exact` asks for the `X-Total-Count` header.")] = (
        MISSING
    )
