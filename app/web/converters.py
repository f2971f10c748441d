"""Kinds of path segments."""

from __future__ import annotations

from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from app.domain.ids import MAX_ID


class IdConverter(BaseConverter):
    """An id, in one spelling; anything else is the address of nothing."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """A number that the column can hold.

        Werkzeug's own ValidationError would end as a 405 where another method takes the address.

        Raises:
            NotFound: nothing can have that id.
        """
        number = int(value)
        if number > MAX_ID:
            raise NotFound
        return number
