"""Kinds of path segments."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, ValidationError

from app.schemas.base import MAX_ID


class IdConverter(BaseConverter):
    """An id, in one spelling; anything else is the address of nothing."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        """A number that the column can hold."""
        number = int(value)
        if number > MAX_ID:
            raise ValidationError
        return number
