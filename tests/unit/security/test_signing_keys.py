"""The secret that the service makes for itself."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.security.signing_keys import signing_secrets
from app.settings import SettingsError
from devtools.databases import ROOT, SECRET, settings_for

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings

MAKE = """
import sys
from pathlib import Path
from app.security.signing_keys import signing_secrets
from app.settings import Settings
sys.stdin.readline()
print(signing_secrets(Settings(_env_file=None, secret_key=None, instance_path=Path(sys.argv[1])))[0])
"""
WORKERS = 4


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """No secret is configured."""
    return settings_for("sqlite://", secret_key=None, instance_path=tmp_path / "instance")


class TestSecret:
    def test_that_is_given_is_used(self, settings: Settings) -> None:
        assert signing_secrets(settings.model_copy(update={"secret_key": SECRET}))[0] == SECRET
        assert not settings.instance_path.exists()

    def test_is_made_once(self, settings: Settings) -> None:
        secret = signing_secrets(settings)[0]
        assert len(secret.encode()) >= 32
        assert signing_secrets(settings)[0] == secret

    def test_is_for_the_owner_alone(self, settings: Settings) -> None:
        signing_secrets(settings)
        kept = settings.instance_path / "secret_key"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE(settings.instance_path.stat().st_mode) == 0o700
        assert list(settings.instance_path.iterdir()) == [kept]

    def test_is_another_for_every_service(self, settings: Settings, tmp_path: Path) -> None:
        other = settings.model_copy(update={"instance_path": tmp_path / "other"})
        assert signing_secrets(settings)[0] != signing_secrets(other)[0]

    def test_is_shared_by_threads_that_start_at_once(self, settings: Settings) -> None:
        with ThreadPoolExecutor(16) as threads:
            secrets = set(threads.map(lambda _: signing_secrets(settings)[0], range(64)))
        assert len(secrets) == 1

    def test_is_shared_by_processes_that_start_at_once(self, settings: Settings) -> None:
        command = [sys.executable, "-c", MAKE, str(settings.instance_path)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        workers = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(WORKERS)]  # type: ignore[call-overload]  # noqa: S603
        secrets = {worker.communicate("go\n", timeout=60)[0].splitlines()[-1] for worker in workers}
        assert secrets == {signing_secrets(settings)[0]}

    def test_is_that_of_the_process_that_created_it_first(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secret = signing_secrets(settings)[0]
        monkeypatch.setattr("pathlib.Path.exists", lambda _path: False)  # as it was a moment ago
        assert signing_secrets(settings)[0] == secret

    @pytest.mark.parametrize("kept", ["", "\n", "short"])
    def test_that_is_too_short_is_refused(self, settings: Settings, kept: str) -> None:
        settings.instance_path.mkdir()
        (settings.instance_path / "secret_key").write_text(kept)
        with pytest.raises(SettingsError):
            signing_secrets(settings)
