"""The size of a text in the database, which PostgreSQL tells without reading the text, and how many texts fit."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.sql.compiler import SQLCompiler


class text_size(GenericFunction[int]):  # noqa: N801  (a function)
    """The bytes of a text: on PostgreSQL from its header. SQLite counts the characters."""

    type = Integer()
    inherit_cache = True


@compiles(text_size)
def _octets(element: text_size, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  (SQLAlchemy's)
    return f"octet_length({compiler.process(element.clauses, **options)})"


@compiles(text_size, "sqlite")
def _characters(element: text_size, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401  (likewise)
    return f"length({compiler.process(element.clauses, **options)})"  # octet_length came with SQLite 3.43


def fitting(sizes: Iterable[int], most: int) -> int:
    """How many of the first texts have at most so many bytes together; at least 1."""
    return max(bisect_right(list(accumulate(sizes)), most), 1)
