"""The command that prunes the change log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.models import Change
from scripts.prune_changes import main
from tests.unit.services.cleanup.test_change_log import add_authors, positions

if TYPE_CHECKING:
    from app.database import Database


def test_deletes_what_is_older_than_it_is_told(at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
    add_authors(at_home, 3)
    with at_home.transaction() as db:
        db.execute(update(Change).where(Change.position < 3).values(at=datetime.now(UTC) - timedelta(days=8)))
    main([])
    assert "All changes are kept" in capsys.readouterr().out
    main(["--days", "7"])
    assert "Deleted 2 changes of more than 7 days ago." in capsys.readouterr().out
    assert positions(at_home) == [3]


def test_deletes_what_is_older_than_the_setting(
    at_home: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_authors(at_home, 1)
    monkeypatch.setenv("CHANGES_KEEP", "30")
    main([])
    assert "Deleted 0 changes of more than 30 days ago." in capsys.readouterr().out


def test_refuses_no_days() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--days", "0"])
    assert ended.value.code == 2
