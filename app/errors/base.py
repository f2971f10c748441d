"""The root of all errors, and the faults that an error lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Fault:
    """One invalid part of a request, and its location: a JSON pointer, or the name of a parameter or header."""

    where: str
    detail: str
    source: Literal["pointer", "parameter", "header"] = "pointer"

    @property
    def name(self) -> str:
        """The location in readable form: `genres[2]` for `/genres/2`, empty for the body as a whole."""
        if self.source != "pointer":
            return self.where
        first, *rest = self.where.removeprefix("/").split("/")
        return first + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in rest)

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}" if self.name else self.detail


class BooksError(Exception):
    """The root of the tree: `code` is for programs, `title` and `message` for people, `remedy` for the docs."""

    code: ClassVar[str]
    title: ClassVar[str]
    message: str
    remedy: ClassVar[str]

    def __init__(self, message: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        if message is not None:
            self.message = message
        super().__init__(self.message)
