"""The steps of a backup or a restore, as a command shows them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class Step(Protocol):
    """The progress of a step."""

    def advance(self, more: int) -> None:
        """So much more has been done: bytes or rows."""

    def to(self, left: int, total: int) -> None:
        """So much is left, of a total."""


class Steps(Protocol):
    """Begins a step, which ends with the block."""

    def __call__(self, description: str, total: int | None = None) -> AbstractContextManager[Step]:
        """Args: total: what `advance` will add up to, if that is known."""


class _Unseen:
    def advance(self, more: int) -> None:
        pass

    def to(self, left: int, total: int) -> None:
        pass


@contextmanager
def unseen(description: str, total: int | None = None) -> Iterator[Step]:  # noqa: ARG001  (as in Steps)
    """Steps that are not shown."""
    yield _Unseen()
