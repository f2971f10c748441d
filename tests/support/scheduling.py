"""The order in which the workers of `make test` take the tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

if TYPE_CHECKING:
    import pytest

LONGEST = ("tests/contract/test_schemathesis.py", "tests/stateful/test_accounts.py")
"""Files with single tests that take minutes."""
ON_POSTGRESQL = re.compile(r"\[(?:.*-)?postgresql\b")


class FilesOfOneDatabase(LoadScopeScheduling):  # type: ignore[misc]  # likewise
    """A worker takes the tests of a file that use the same database, in the order in which pytest has sorted them.

    So the fixtures of a session and of a package, such as a service on SQLite, are made once in each worker. In the
    order of `--dist loadfile` they are made for each file again: the files with the most tests come first, and each has
    tests on both databases.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return f"{file} on PostgreSQL" if ON_POSTGRESQL.search(nodeid) else file


def longest_first(items: list[pytest.Item]) -> None:
    """Move the longest tests to the beginning: at the end, one worker would wait for the other."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
