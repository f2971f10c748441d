"""The manual of security: its commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from devtools.databases import ROOT, SECRET

COMMANDS = re.search(r"```bash\n(OLD=.*?)```", (ROOT / "docs" / "security.md").read_text(), re.DOTALL)


@pytest.mark.parametrize(
    ("env", "kept"),
    [
        (f"PORT=8000\nSECRET_KEY={SECRET}\nSECRET_KEYS_OLD=an older one, of more than 32 bytes as well\n", None),
        ("PORT=8000\n# SECRET_KEY=\n", SECRET),
        (None, SECRET),
    ],
    ids=["in .env", "made by the service", "without .env"],
)
def test_the_key_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: str | None, kept: str | None) -> None:
    for name in ("SECRET_KEY", "SECRET_KEYS_OLD", "PORT"):
        monkeypatch.delenv(name, raising=False)
    if env is not None:
        (tmp_path / ".env").write_text(env)
    if kept is not None:
        (tmp_path / "instance").mkdir()
        (tmp_path / "instance" / "secret_key").write_text(kept)
    assert COMMANDS is not None
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [shutil.which("bash") or "bash", "-eu", "-c", COMMANDS[1]]
    subprocess.run(command, cwd=tmp_path, env={"PATH": path}, timeout=60, check=True)  # noqa: S603  (our own manual)
    settings = Settings(_env_file=tmp_path / ".env")
    assert settings.secret_key not in {SECRET, None}
    assert settings.secret_keys_old == (SECRET,)
    assert settings.port == (5000 if env is None else 8000)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_what_it_leaves_behind_is_not_committed() -> None:
    assert {".env", ".env.before"} <= set((ROOT / ".gitignore").read_text().splitlines())
