"""The limit of open files, and what it leaves for connections."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from app.front.open_files import connections
from devtools.databases import settings_for

if TYPE_CHECKING:
    from app.settings import Settings

WANTED = 4096
OTHERS = 450 + 3 * 20


@pytest.fixture
def settings() -> Settings:
    return settings_for("sqlite:///books.db", connections=WANTED, db_pool_size=20)


def limited(patch: pytest.MonkeyPatch, hard: int) -> list[tuple[int, int]]:
    """Let the system have this hard limit, and collect what is set."""
    changes: list[tuple[int, int]] = []
    patch.setattr(resource, "getrlimit", lambda _what: (256, hard))
    patch.setattr(resource, "setrlimit", lambda _what, limits: changes.append(limits))
    return changes


@pytest.mark.parametrize("hard", [WANTED + OTHERS, 1_000_000, resource.RLIM_INFINITY])
def test_a_high_hard_limit_is_used_without_a_word(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, hard: int
) -> None:
    changes = limited(monkeypatch, hard)
    with capture_logs() as lines:
        assert connections(settings) == WANTED
    assert changes == [(hard, hard)]
    assert not lines


@pytest.mark.parametrize(("hard", "accepted"), [(WANTED + OTHERS - 1, WANTED - 1), (1024, 1024 - OTHERS), (100, 64)])
def test_a_low_one_is_reported(settings: Settings, monkeypatch: pytest.MonkeyPatch, hard: int, accepted: int) -> None:
    changes = limited(monkeypatch, hard)
    with capture_logs() as lines:
        assert connections(settings) == accepted
    assert changes == [(hard, hard)]
    [line] = lines
    assert (line["event"], line["limit"], line["needed"]) == ("too_few_open_files", hard, WANTED + OTHERS)
    assert line["connections"] == accepted
    assert "CONNECTIONS" in line["remedy"]
