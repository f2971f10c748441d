"""Settings in files: `SECRET_KEY_FILE` names a file with the `SECRET_KEY`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.settings import POSTGRES_DEFAULT, Settings, SettingsError, load_settings
from app.settings.files import LARGEST, may_be_secret
from devtools.databases import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105
OTHER = SECRET[::-1]
URL = "postgresql://books:hunter2@db/books"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, in a folder without `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A file with a secret."""
    kept = tmp_path / "secret"
    kept.write_text(f"{SECRET}\n")
    return kept


def fault() -> str:
    """The line with which the service refuses to start."""
    with pytest.raises(SettingsError) as raised:
        load_settings()
    return str(raised.value)


class TestFile:
    @pytest.mark.parametrize(
        ("variable", "content", "value"),
        [
            ("SECRET_KEY", SECRET, SECRET),
            ("SECRET_KEY", f"{SECRET}\n", SECRET),
            ("SECRET_KEY", f"{SECRET}\r\n", SECRET),
            ("SECRET_KEY", f"{SECRET} ", f"{SECRET} "),
            ("SECRET_KEY", f"\ufeff{SECRET}", SECRET),
            ("SECRET_KEYS_OLD", f"{SECRET},{OTHER}\n", (SECRET, OTHER)),
            ("SECRET_KEYS_OLD", f'["{SECRET}, with a comma"]', (f"{SECRET}, with a comma",)),
            ("DATABASE_URL", f"{URL}\n", URL),
            ("RATE_LIMIT_STORAGE", f"redis://:{SECRET}@localhost\n", f"redis://:{SECRET}@localhost"),
            ("RATE_LIMIT_STORAGE", "memory://\n", None),
        ],
    )
    def test_has_the_value(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: str, value: object
    ) -> None:
        (tmp_path / "file").write_bytes(content.encode())
        monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "file"))
        assert getattr(load_settings(), variable.lower()) == value
        assert variable.lower() in load_settings().model_fields_set

    def test_may_be_named_in_dotenv(self, tmp_path: Path, kept: Path) -> None:
        (tmp_path / ".env").write_text(f"SECRET_KEY_FILE={kept}\n")
        assert load_settings().secret_key == SECRET

    @pytest.mark.parametrize(
        ("environment", "dotenv"),
        [
            ({"SECRET_KEY_FILE": "{kept}"}, f"SECRET_KEY={OTHER}\n"),
            ({"SECRET_KEY": SECRET}, "SECRET_KEY_FILE=/nowhere\n"),
            ({"SECRET_KEY_FILE": "{kept}"}, "SECRET_KEY_FILE=/nowhere\n"),
            ({"SECRET_KEY_FILE": "{kept}", "SECRET_KEY": ""}, ""),
            ({"SECRET_KEY_FILE": "", "SECRET_KEY": SECRET}, ""),
        ],
        ids=str,
    )
    def test_of_the_environment_goes_before_dotenv(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: Path, environment: dict[str, str], dotenv: str
    ) -> None:
        (tmp_path / ".env").write_text(dotenv)
        for name, text in environment.items():
            monkeypatch.setenv(name, text.format(kept=kept))
        assert load_settings().secret_key == SECRET

    def test_is_for_what_may_be_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secrets = {name for name, field in Settings.model_fields.items() if may_be_secret(field)}
        assert secrets == {"database_url", "secret_key", "secret_keys_old", "rate_limit_storage", "oidc_client_secret"}
        monkeypatch.setenv("PORT_FILE", "/nowhere")
        assert load_settings().database_url == POSTGRES_DEFAULT

    def test_is_shown_nowhere(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "file").write_text(URL)
        monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "file"))
        assert "hunter2" not in repr(load_settings())


class TestFaults:
    @pytest.mark.parametrize("in_dotenv", [True, False])
    def test_of_both_names_both(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kept: Path, *, in_dotenv: bool
    ) -> None:
        if in_dotenv:
            (tmp_path / ".env").write_text(f"SECRET_KEY={OTHER}\nSECRET_KEY_FILE={kept}\n")
        else:
            monkeypatch.setenv("SECRET_KEY", OTHER)
            monkeypatch.setenv("SECRET_KEY_FILE", str(kept))
        assert fault() == "SECRET_KEY: Value error, set SECRET_KEY or SECRET_KEY_FILE, not both"

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "is empty"),
            (b"\r\n\n", "is empty"),
            (SECRET.encode() + b"\xff", "is not text in UTF-8"),
            (SECRET.encode() * LARGEST, f"has more than {LARGEST} bytes"),
        ],
        ids=["empty", "line breaks", "bytes", "large"],
    )
    def test_of_a_content_names_the_file(
        self, monkeypatch: pytest.MonkeyPatch, kept: Path, content: bytes, reason: str
    ) -> None:
        kept.write_bytes(content)
        monkeypatch.setenv("SECRET_KEY_FILE", str(kept))
        assert fault() == f"SECRET_KEY: Value error, SECRET_KEY_FILE: {kept} {reason}"

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("/nowhere/at/all", "cannot read /nowhere/at/all: No such file or directory"),
            ("/dev", "cannot read /dev: Is a directory"),
            ("/dev/zero", f"/dev/zero has more than {LARGEST} bytes"),
        ],
    )
    def test_of_a_path_names_it(self, monkeypatch: pytest.MonkeyPatch, path: str, reason: str) -> None:
        monkeypatch.setenv("SECRET_KEY_FILE", path)
        assert fault() == f"SECRET_KEY: Value error, SECRET_KEY_FILE: {reason}"

    def test_of_what_is_in_the_file_do_not_quote_it(self, monkeypatch: pytest.MonkeyPatch, kept: Path) -> None:
        kept.write_text("a short secret")
        for variable in ("SECRET_KEY_FILE", "RATE_LIMIT_STORAGE_FILE"):
            monkeypatch.setenv(variable, str(kept))
        message = fault()
        assert "SECRET_KEY: " in message
        assert "RATE_LIMIT_STORAGE: " in message
        assert "a short secret" not in message

    def test_all_in_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = {"SECRET_KEY_FILE": "/nowhere", "DATABASE_URL_FILE": "/dev/null", "PORT": "http"}
        for variable, text in wrong.items():
            monkeypatch.setenv(variable, text)
        message = fault()
        assert "\n" not in message
        assert [variable for variable in wrong if variable not in message] == []


def test_no_module_reads_a_setting_past_the_settings() -> None:
    """It would miss the files. Only `scripts.embedded` sets a variable, for the command that it runs.

    The peers of the benchmarks are other services.
    """
    code = [
        path
        for folder in ("app", "alembic", "scripts", "bench", "devtools")
        for path in (ROOT / folder).rglob("*.py")
        if "peers" not in path.parts
    ]
    reading = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in [*code, ROOT / "run.py"]
        for line in path.read_text().splitlines()
        if "os.environ" in line and any(name.upper() in line for name in Settings.model_fields)
    }
    assert reading == {'scripts/embedded.py: os.environ["DATABASE_URL"] = f"sqlite:///{EMBEDDED}"'}
