"""URL converters."""

from __future__ import annotations

from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from app.domain.ids import MAX_ID


class ExtensionConverter(BaseConverter):
    """The end of a file's name, behind a dot."""

    regex = "[a-z][a-z-]{0,19}"


class IdConverter(BaseConverter):
    """An id in canonical form. Any other spelling does not match the route."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """The id as a number that fits the column.

        Werkzeug's own ValidationError would lead to a 405 where another method matches the URL.

        Raises:
            NotFound: the number is too large for an id.
        """
        number = int(value)
        if number > MAX_ID:
            raise NotFound
        return number
