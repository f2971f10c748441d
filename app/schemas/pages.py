"""What every list understands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.schemas.base import Query, StrictInt

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
LONGEST_CURSOR = 5000
"""Characters. A cursor holds the title on which a page ends: 500 characters of up to six bytes, in base64."""


class PageQuery(Query):
    """Which page of a list, and how long."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_LIMIT, description="The most entries in the answer."), StrictInt] = (
        DEFAULT_LIMIT
    )
    cursor: Annotated[
        str | MISSING,
        Field(
            min_length=1,
            max_length=LONGEST_CURSOR,
            description="Where the page begins: from the `Link` header of the page before.",
        ),
    ] = MISSING
    count: Annotated[
        Literal["exact"] | MISSING,
        Field(
            description="`exact` asks for the `X-Total-Count` header: a number, or, where counting would take too long "
            "(from 25,000 books on), a number with a plus sign, such as `100000+`: so many at least."
        ),
    ] = MISSING
