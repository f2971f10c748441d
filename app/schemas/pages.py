"""Query parameters that every list accepts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import MISSING, Field

from app.schemas.base import Query, StrictInt

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
LONGEST_CURSOR = 5000
"""In characters. A cursor contains the last title of a page: 500 characters of up to six bytes, in base64."""


class PageQuery(Query):
    """Position and size of a page."""

    limit: Annotated[
        int, Field(ge=1, le=LARGEST_LIMIT, description="The maximum number of entries in a page."), StrictInt
    ] = DEFAULT_LIMIT
    cursor: Annotated[
        str | MISSING,
        Field(
            min_length=1,
            max_length=LONGEST_CURSOR,
            description="The start of the page, taken from the `Link` header of the previous page.",
        ),
    ] = MISSING
    count: Annotated[
        Literal["exact"] | MISSING,
        Field(
            description="`exact` requests the `X-Total-Count` header: a number, or, where counting would take too long "
            "(from 5,000 books on), a lower bound with a plus sign, such as `100000+`."
        ),
    ] = MISSING
