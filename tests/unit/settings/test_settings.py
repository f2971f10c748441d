"""Settings: the environment, `.env`, and what cannot be."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from limits import RateLimitItemPerMinute

from app.settings import POSTGRES_DEFAULT, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, in a folder without `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


class TestDefaults:
    def test_are_those_of_the_founding_readme(self) -> None:
        settings = load_settings()
        assert settings.database_url == POSTGRES_DEFAULT
        assert (settings.host, settings.port) == ("127.0.0.1", 5000)
        assert settings.secret_key is None

    def test_every_setting_is_explained(self) -> None:
        assert all(field.description for field in Settings.model_fields.values())


class TestEnvironment:
    @pytest.mark.parametrize(
        ("variable", "text", "value"),
        [
            ("DATABASE_URL", "sqlite:///books.db", "sqlite:///books.db"),
            ("SECRET_KEY", SECRET, SECRET),
            ("PORT", "8000", 8000),
            ("DB_POOL_SIZE", "3", 3),
            ("DB_MAX_OVERFLOW", "10", 10),
            ("DB_STATEMENT_TIMEOUT", "0", 0),
            ("DB_PREPARE_STATEMENTS", "false", False),
            ("ACCESS_TOKEN_LIFETIME", "60", timedelta(minutes=1)),
            ("ACCESS_TOKEN_LIFETIME", "PT1H", timedelta(hours=1)),
            ("PASSWORD_MIN_LENGTH", "12", 12),
            ("LOG_LEVEL", "warning", "warning"),
            ("RATE_LIMIT_LOGINS", "10 per 2 minutes", RateLimitItemPerMinute(10, 2)),
            ("RATE_LIMIT_STORAGE", "memory://", None),
            ("RATE_LIMIT_STORAGE", "valkeys://:secret@[::1]:6380/2", "rediss://:secret@[::1]:6380/2"),
            ("RATE_LIMIT_READS", "none", None),
            ("OIDC_SCOPES", " openid  email ", "openid email"),
            (
                "OIDC_RETURN_URLS",
                "https://app.example/in, http://[::1]:8/, http://localhost/, com.example.app:/in",
                ("https://app.example/in", "http://[::1]:8/", "http://localhost/", "com.example.app:/in"),
            ),
            ("TRUSTED_PROXIES", "10.0.0.2, 2001:db8::/64", (ip_network("10.0.0.2"), ip_network("2001:db8::/64"))),
            (
                "CORS_ORIGINS",
                "https://Books.example,http://localhost:3000",
                ("https://books.example", "http://localhost:3000"),
            ),
            ("PUBLIC_URL", "https://Books.example:8443/", "https://books.example:8443"),
            (
                "ALLOWED_HOSTS",
                "Books.example, [2001:DB8::1],.example.org",
                ("books.example", "2001:db8::1", ".example.org"),
            ),
            ("PORT", "", 5000),
            ("SECRET_KEYS_OLD", "", ()),
            ("SECRET_KEYS_OLD", SECRET, (SECRET,)),
            ("SECRET_KEYS_OLD", f"{SECRET}, {SECRET[::-1]},", (SECRET, SECRET[::-1])),
            ("SECRET_KEYS_OLD", f'["{SECRET}, with a comma"]', (f"{SECRET}, with a comma",)),
        ],
    )
    def test_names_a_setting_in_capitals(
        self, monkeypatch: pytest.MonkeyPatch, variable: str, text: str, value: object
    ) -> None:
        monkeypatch.setenv(variable, text)
        assert getattr(load_settings(), variable.lower()) == value

    def test_may_stand_in_a_file(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f'PORT=8001\nSECRET_KEY="{SECRET}"\n# no more\nOTHER_PROGRAM=1\n')
        assert (load_settings().port, load_settings().secret_key) == (8001, SECRET)

    def test_goes_before_the_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text("PORT=8001\n")
        monkeypatch.setenv("PORT", "8002")
        assert load_settings().port == 8002


class TestFaults:
    @pytest.mark.parametrize(
        ("variable", "text"),
        [
            ("PORT", "http"),
            ("PORT", "0"),
            ("PORT", "65536"),
            ("WORKERS", "0"),
            ("THREADS", "-1"),
            ("DB_POOL_SIZE", "0"),
            ("DB_QUEUE", "0"),
            ("DB_STATEMENT_TIMEOUT", "-1"),
            ("DB_LOCK_TIMEOUT", "0"),
            ("ACCESS_TOKEN_LIFETIME", "0"),
            ("ACCESS_TOKEN_LIFETIME", "soon"),
            ("PASSWORD_MIN_LENGTH", "73"),
            ("BCRYPT_ROUNDS", "3"),
            ("MAX_BODY_SIZE", "1"),
            ("LOG_LEVEL", "chatty"),
            ("DB_PREPARE_STATEMENTS", "perhaps"),
            ("TRUSTED_PROXIES", "*"),
            ("TRUSTED_PROXIES", "10.0.0.1 10.0.0.2"),
            ("TRUSTED_PROXIES", "10.0.0.1/8"),
            ("TRUSTED_PROXIES", "10.0.0.0/33"),
            ("RATE_LIMIT_ENABLED", "perhaps"),
            ("RATE_LIMIT_LOGINS", "0/minute"),
            ("RATE_LIMIT_LOGIN_FAILURES", "10"),
            ("RATE_LIMIT_REGISTRATIONS", "10/minute;100/hour"),
            ("RATE_LIMIT_WRITES", "10/fortnight"),
            ("RATE_LIMIT_READS", "-1/minute"),
            ("RATE_LIMIT_STORAGE", "memory://elsewhere"),
            ("RATE_LIMIT_STORAGE", "redis://"),
            ("RATE_LIMIT_STORAGE", "redis://localhost/zero"),
            ("RATE_LIMIT_STORAGE", "redis://localhost:99999"),
            ("RATE_LIMIT_STORAGE", "rediss://localhost?colour=red"),
            ("RATE_LIMIT_STORAGE", "valkey://localhost?socket_timeout=soon"),
            ("PUBLIC_URL", "books.example"),
            ("PUBLIC_URL", "https://books.example/library"),
            ("PUBLIC_URL", "ftp://books.example"),
            ("PUBLIC_URL", "https://books.example?a#b"),
            ("PUBLIC_URL", "https://user@books.example"),
            ("ALLOWED_HOSTS", "books.example:443"),
            ("ALLOWED_HOSTS", "*"),
            ("ALLOWED_HOSTS", "https://books.example"),
            ("ALLOWED_HOSTS", "books.example other.example"),
            ("CORS_ORIGINS", "books.example"),
            ("CORS_ORIGINS", "https://books.example/"),
            ("CORS_ORIGINS", "https://books.example:443"),
            ("CORS_ORIGINS", "https://*.example"),
            ("CORS_ORIGINS", "https://books.example, *"),
            ("CORS_ORIGINS", "null"),
            ("CORS_ORIGINS", "https://a.example https://b.example"),
            ("SECRET_KEY", "short"),
            ("SECRET_KEY", SECRET[1:]),
            ("SECRET_KEYS_OLD", f"{SECRET},short"),
            ("SECRET_KEYS_OLD", f"{SECRET[:20]},{SECRET[20:]}"),
            ("SECRET_KEYS_OLD", "["),
            ("SECRET_KEYS_OLD", "[5]"),
            ("OIDC_ISSUER", "http://id.example"),
            ("OIDC_ISSUER", "https://id.example?realm=home"),
            ("OIDC_ISSUER", "https://user@id.example"),
            ("OIDC_ISSUER", "id.example"),
            ("OIDC_SCOPES", "profile"),
            ("OIDC_RETURN_URLS", "http://app.example/"),
            ("OIDC_RETURN_URLS", "javascript:alert(1)"),
            ("OIDC_RETURN_URLS", "https://app.example/#x"),
            ("OIDC_RETURN_URLS", "https://app.example/, /signed-in"),
            ("TRUSTED_USER_HEADER", "Remote-User"),
            ("TRUSTED_USER_HEADER", "Remote_User"),
            ("PASSWORD_SIGN_IN", "false"),
        ],
    )
    def test_are_named(self, monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
        monkeypatch.setenv(variable, text)
        with pytest.raises(SettingsError, match=f"^{variable}: "):
            load_settings()

    def test_a_provider_without_a_client_id_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OIDC_ISSUER", "https://id.example")
        with pytest.raises(SettingsError, match=r"^OIDC_CLIENT_ID: .*OIDC_ISSUER"):
            load_settings()

    def test_all_in_one_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = {"PORT": "http", "WORKERS": "0", "SECRET_KEY": "short", "LOG_FORMAT": "xml"}
        for variable, text in wrong.items():
            monkeypatch.setenv(variable, text)
        with pytest.raises(SettingsError) as raised:
            load_settings()
        line = str(raised.value)
        assert "\n" not in line
        assert {fault.partition(":")[0] for fault in line.split("; ") if ":" in fault} == wrong.keys()

    def test_what_is_secret_is_not_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET_KEY", "my short secret")
        with pytest.raises(SettingsError) as raised:
            load_settings()
        assert "my short secret" not in str(raised.value)
        monkeypatch.setenv("SECRET_KEY", SECRET)
        assert SECRET not in repr(load_settings())
        monkeypatch.setenv("RATE_LIMIT_STORAGE", f"redis://:{SECRET}@localhost")
        assert SECRET not in repr(load_settings())
        monkeypatch.setenv("RATE_LIMIT_STORAGE", f"redis://:{SECRET}/@localhost")
        with pytest.raises(SettingsError) as raised:
            load_settings()
        assert SECRET not in str(raised.value)
