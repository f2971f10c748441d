"""Without SECRET_KEY the service makes one; its workers and its later lives share it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from devtools.serving import migrated
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client import Client
    from tests.support.serving import Served

CONNECTIONS = 24
"""The workers take turns: that all of so many go to one of two by chance happens once in eight million times."""


def statuses_on_fresh_connections(served: Served, member: Client) -> set[int]:
    """What the token is worth, each time on a new connection."""
    headers = {"Authorization": member.headers["Authorization"], "Connection": "close"}
    client = served.client()
    return {client.get("/auth/me", headers=headers).status_code for _ in range(CONNECTIONS)}


@pytest.mark.slow
class TestMadeSecret:
    def test_is_one_for_all_workers_and_restarts(self, tmp_path: Path) -> None:
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        with serving(url, tmp_path, secret_key=None, workers=2) as served:
            member = served.member()
            assert statuses_on_fresh_connections(served, member) == {200}
            kept = tmp_path / "instance" / "secret_key"
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600
            assert len(served.logged("secret_key_made")) == 1
            secret = kept.read_text()
        with serving(url, tmp_path, secret_key=None, workers=2) as served:
            assert statuses_on_fresh_connections(served, member) == {200}
            assert len(served.logged("secret_key_made")) == 1
        assert kept.read_text() == secret
        assert secret.strip() not in served.log.read_text()
