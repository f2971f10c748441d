"""Clients that hold connections, and send or read nothing more: all others are answered, straight and behind nginx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.hostile import KINDS, held, times_elsewhere
from devtools.serving import migrated
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.serving import Served


REPORTED = {
    "half bodies": 325,
    "promised bodies of GET": 700,
    "slow streams of HTTP/2": 3,
    "silent connections": 1_100,
}
"""What once stopped everything, each by itself."""
OTHERS = {"half headers": 100, "half chunks": 100, "100-continue": 100, "unread responses": 30} | {
    "unread exports": 30,
    "waiting followers": 30,
    "half uploads": 100,
}
WITHIN = 10.0
"""Seconds: on a machine that is busy with other tests. bench/hostile.md has the times."""


@pytest.fixture(params=["straight", "nginx"])
def address(request: pytest.FixtureRequest, proxied: Served) -> str:
    """The server's address, and that of nginx in front of it."""
    return proxied.base if request.param == "straight" else str(request.getfixturevalue("proxy"))


def require_answers_elsewhere(address: str, *paths: str) -> None:
    for path in paths:
        assert max(times_elsewhere(address, path, 5, WITHIN)) < WITHIN


class TestHeld:
    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")  # the database has no part in it
    @pytest.mark.parametrize("kinds", [REPORTED, OTHERS], ids=["reported", "others"])
    def test_others_are_answered(self, address: str, kinds: dict[str, int]) -> None:
        with held(address, kinds) as hostile:
            assert hostile.opened == sum(kinds.values())
            require_answers_elsewhere(address, "/healthz", "/books/1")

    def test_every_kind(self) -> None:
        assert KINDS.keys() == REPORTED.keys() | OTHERS.keys()

    @pytest.mark.slow
    def test_where_http2_is_accepted(self, tmp_path: Path) -> None:
        with (
            serving(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path, workers=2, http2=True) as served,
            held(served.base, {"slow streams of HTTP/2": 20}) as hostile,
        ):
            assert hostile.opened == 20
            require_answers_elsewhere(served.base, "/healthz", "/books")
