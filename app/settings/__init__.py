"""The settings: parsed once from the environment and `.env`, and passed on from here."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from limits import RateLimitItem
from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, JsonValue, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.settings.types import Network, entries, networks, origins, rate_limit, redis_url

POSTGRES_DEFAULT = "postgresql+psycopg2://postgres:password@localhost:5432/my_project_db"

SHORTEST_SECRET = 32
"""Bytes: HS256 wants a key of at least 256 bits (RFC 7518, section 3.2)."""


def _long_enough(secret: str) -> str:
    if len(secret.encode()) < SHORTEST_SECRET:
        msg = f"must be at least {SHORTEST_SECRET} bytes long; leave it unset, and the service generates one"
        raise ValueError(msg)
    return secret


def _seconds(duration: object) -> object:
    """A bare number is seconds; pydantic reads ISO 8601 by itself."""
    return float(duration) if isinstance(duration, str) and duration.isdecimal() else duration


def _separated(text: object) -> object:
    """Entries with commas between, or a JSON array where one has a comma in it."""
    if not isinstance(text, str):
        return text
    return json.loads(text) if text.startswith("[") else tuple(entries(text))


Duration = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0))]
Secret = Annotated[str, AfterValidator(_long_enough)]


def _parsed_by(parse: Callable[[str], object]) -> BeforeValidator:
    """Parse what comes as text; what is parsed already stays as it is."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _shown(default: str) -> dict[str, JsonValue]:
    """What the documentation shows as the default, where the value itself would say nothing."""
    return {"default_shown": default}


RateLimit = Annotated[InstanceOf[RateLimitItem] | None, _parsed_by(rate_limit)]


class Settings(BaseSettings):
    """The settings. The name of each environment variable is the field's in capitals.

    The descriptions are the documentation: `python -m devtools.settings_docs` writes them to docs/settings.md and
    .env.example.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(
        POSTGRES_DEFAULT, description="The database: PostgreSQL, or an SQLite file (`sqlite:///instance/books.db`)."
    )
    secret_key: Secret | None = Field(
        None,
        description="The key that signs tokens and cursors: at least 32 bytes. If unset, the service generates one and "
        "keeps it in `INSTANCE_PATH/secret_key`.",
        json_schema_extra=_shown("generated and kept"),
        repr=False,
    )
    secret_keys_old: Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_separated)] = Field(
        (),
        description="Former values of `SECRET_KEY`, separated by commas, or a JSON array. What they signed is valid "
        "until it expires; nothing new is signed with them.",
        json_schema_extra=_shown("none"),
        repr=False,
    )
    instance_path: Path = Field(Path("instance"), description="The folder where the service keeps its own files.")

    host: str = Field("127.0.0.1", description="The address to listen on; `0.0.0.0` for all networks.")
    port: int = Field(
        5000,
        ge=1,
        le=65535,
        description="The port to listen on. With docker-compose's profile `full` it is the proxy's, by default 8080.",
    )
    workers: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 4),
        ge=1,
        le=256,
        description="Worker processes.",
        json_schema_extra=_shown("one per core, at most 4"),
    )
    threads: int = Field(
        32,
        ge=1,
        le=1024,
        description="Requests that each process works on at once, besides those that wait for a hash or a connection.",
    )

    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, _parsed_by(networks)] = Field(
        (),
        description="Addresses and networks of proxies, separated by commas, whose `X-Forwarded-For`, `-Proto` and "
        "`-Host` are trusted.",
        json_schema_extra=_shown("none"),
    )

    db_pool_size: int = Field(
        20,
        ge=1,
        le=1000,
        description="Connections that each process keeps open at most; each kind of request has its share of them. All "
        "processes together must stay below PostgreSQL's `max_connections`.",
    )
    db_max_overflow: int = Field(
        0,
        ge=0,
        le=1000,
        description="Further connections, opened under load and closed again. Waiting is cheaper.",
    )
    db_queue: int = Field(
        128,
        ge=1,
        le=1024,
        description="Requests of each kind that may wait for a connection, in each process; further ones get a 503.",
    )
    db_pool_timeout: float = Field(10, gt=0, description="Seconds to wait for a free connection before a 503.")
    db_connect_timeout: int = Field(5, ge=1, description="Seconds to wait for PostgreSQL to answer a connection.")
    db_lock_timeout: float = Field(20, gt=0, description="Seconds that a writer waits for a lock before a 503.")
    db_statement_timeout: float = Field(
        5, ge=0, description="Seconds that a read may take before a 503; 0 means no limit. Writes have none."
    )
    db_prepare_statements: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Prepared statements on PostgreSQL; `false` behind PgBouncer in transaction mode, where "
        "`DB_LOCK_TIMEOUT` and `DB_STATEMENT_TIMEOUT` then have no effect.",
    )

    access_token_lifetime: Duration = Field(
        timedelta(minutes=15), description="Lifetime of an access token: seconds, or an ISO 8601 duration."
    )
    refresh_token_lifetime: Duration = Field(
        timedelta(days=30),
        description="Lifetime of an unused session; each refresh extends it. The default is 30 days.",
    )
    session_lifetime: Duration = Field(
        timedelta(days=180),
        description="Maximum lifetime of a session; then its user logs in again. The default is 180 days.",
    )
    password_reset_lifetime: Duration = Field(
        timedelta(days=1), description="Lifetime of a password-reset link. The default is a day."
    )
    password_min_length: int = Field(8, ge=1, le=72, description="Minimum length of a new password in bytes.")
    password_blocklist: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether the 30,000 most common passwords and words that belong to the service are refused.",
    )
    bcrypt_rounds: int = Field(
        12,
        ge=4,
        le=20,
        description="The cost of a password hash; each step doubles it. Hashes of a lower cost are replaced at login.",
    )
    password_queue: int = Field(
        128,
        ge=1,
        le=1024,
        description="Registrations and logins that may wait for a hash, in each process; further ones get a 503. "
        "A quarter is kept for other addresses than the one that sends most, and the addresses take turns.",
    )

    editing: Literal["members", "owner"] = Field(
        "members",
        description="Who may change a record: `members` (every user) or `owner` (only the user who added it, "
        "and admins).",
    )

    rate_limit_enabled: bool = Field(True, description="Whether rate limits apply.")  # noqa: FBT003  (as above)
    rate_limit_storage: Annotated[str | None, _parsed_by(redis_url)] = Field(
        None,
        description="Where requests are counted: `memory://`, by each worker for itself; or `redis://`, `rediss://`, "
        "`valkey://` or `valkeys://` with `HOST:PORT/NUMBER`, by all together.",
        json_schema_extra=_shown("`memory://`"),
        repr=False,
    )
    rate_limit_logins: RateLimit = Field(
        rate_limit("600/5 minute"),
        description="Logins, refreshes, and changes and resets of passwords from one address.",
    )
    rate_limit_login_failures: RateLimit = Field(
        rate_limit("10/15 minute"), description="Failed logins to one account from one address."
    )
    rate_limit_registrations: RateLimit = Field(rate_limit("600/hour"), description="Registrations from one address.")
    rate_limit_writes: RateLimit = Field(
        rate_limit("1200/minute"),
        description="Writes by one account; a batch is one. Writes to accounts are counted by session.",
    )
    rate_limit_reads: RateLimit = Field(
        None,
        description="Reads from one address. A 304 is not counted, nor are `/healthz` and `/readyz`.",
        json_schema_extra=_shown("no limit"),
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode, _parsed_by(origins)] = Field(
        (),
        description="Origins whose pages may call the service from a browser, separated by commas, or `*`: "
        "`https://books.example, http://localhost:3000`.",
        json_schema_extra=_shown("only its own"),
    )

    max_body_size: int = Field(
        1024 * 1024,
        ge=1024,
        description="Maximum size of a request body in bytes; 16 KiB where it has credentials. A proxy in front has a "
        "limit of its own (`client_max_body_size` in deploy/nginx.conf).",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level that is logged: `debug`, `info`, `warning` or `error`."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`json`, `console`, or `auto`: `console` in a terminal, else `json`."
    )


class SettingsError(Exception):
    """A setting is invalid. The message is one line that names every fault."""


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: a value cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise SettingsError("; ".join(faults)) from None
