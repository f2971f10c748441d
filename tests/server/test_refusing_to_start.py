"""What run.py cannot serve with: it says so in one line, and leaves with code 1."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from devtools.postgres import free_port
from devtools.serving import environment, migrated, start

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SETTINGS_THAT_CANNOT_BE = {
    "a PostgreSQL that is not there": ({"database_url": "postgresql://postgres@127.0.0.1:1/books"}, "DATABASE_URL"),
    "another kind of database": ({"database_url": "mysql://root@localhost/books"}, "DATABASE_URL"),
    "a URL that is none": ({"database_url": "books"}, "DATABASE_URL"),
    "a driver's option that is none": ({"database_url": "postgresql://127.0.0.1:1/books?colour=red"}, "DATABASE_URL"),
    "a folder that is not there": ({"database_url": "sqlite:////nowhere/at/all/books.db"}, "DATABASE_URL"),
    "a short secret": ({"secret_key": "too short"}, "SECRET_KEY"),
    "a port that is no number": ({"port": "abc"}, "PORT"),
    "an address of another machine": ({"host": "192.0.2.1"}, "HOST"),
    "no workers": ({"workers": "0"}, "WORKERS"),
    "a proxy without an address": ({"trusted_proxies": "10.0.0.1, proxy.local"}, "TRUSTED_PROXIES"),
    "a limit in another notation": ({"rate_limit_logins": "ten a minute"}, "RATE_LIMIT_LOGINS"),
    "a storage of another kind": ({"rate_limit_storage": "memcached://127.0.0.1"}, "RATE_LIMIT_STORAGE"),
    "a storage with an odd password": ({"rate_limit_storage": "redis://:too short/@127"}, "RATE_LIMIT_STORAGE"),
    "an origin with a path": ({"cors_origins": "https://books.example/"}, "CORS_ORIGINS"),
    "a secret in two places": ({"secret_key_file": "/dev/null"}, "SECRET_KEY_FILE"),
    "a secret in no file": ({"secret_keys_old_file": "/nowhere/at/all"}, "/nowhere/at/all"),
    "several at once": ({"port": "abc", "secret_key": "too short"}, "SECRET_KEY"),
}


def require_one_line(folder: Path, named: str, environment: dict[str, str]) -> str:
    """Code 1 and one line that names the setting to fix, within seconds; and no secret in it."""
    process = start(folder, environment)
    code = process.wait(30)
    output = (folder / "stderr").read_text()
    assert (code, output.count("\n"), (folder / "stdout").read_text()) == (1, 1, ""), output
    assert output.startswith("run.py: ")
    assert named in output
    return output


class TestRefusal:
    @pytest.mark.parametrize(
        ("settings", "named"), SETTINGS_THAT_CANNOT_BE.values(), ids=SETTINGS_THAT_CANNOT_BE.keys()
    )
    def test_of_settings(self, settings: dict[str, str], named: str, tmp_path: Path) -> None:
        valid = environment(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path, port=free_port())
        wrong = {name.upper(): value for name, value in settings.items()}
        output = require_one_line(tmp_path, named, valid | wrong)
        assert "too short" not in output

    def test_of_an_empty_database(self, empty_url: str, tmp_path: Path) -> None:
        require_one_line(tmp_path, "alembic upgrade head", environment(empty_url, tmp_path, port=free_port()))

    def test_shows_no_password_of_the_database(self, tmp_path: Path) -> None:
        url = "postgresql://books:hunter2hunter2@127.0.0.1:1/books"
        output = require_one_line(tmp_path, "127.0.0.1", environment(url, tmp_path, port=free_port()))
        assert "hunter2" not in output

    def test_of_a_port_that_is_taken(self, tmp_path: Path) -> None:
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            require_one_line(tmp_path, str(port), environment(url, tmp_path, port=port))
