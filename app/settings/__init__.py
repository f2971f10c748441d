"""Every knob: read once from the environment and `.env`, and passed on from here."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.settings.types import allowance, entries, networks, origins, redis_url

POSTGRES_DEFAULT = "postgresql+psycopg2://postgres:password@localhost:5432/my_project_db"

SHORTEST_SECRET = 32
"""Bytes: HS256 wants a key of at least 256 bits (RFC 7518, section 3.2)."""


def _long_enough(secret: str) -> str:
    if len(secret.encode()) < SHORTEST_SECRET:
        msg = f"must be at least {SHORTEST_SECRET} bytes long; leave it unset and the service makes one"
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


def _read_by(reader: Callable[[str], object]) -> AfterValidator:
    """A text that stays as it is, and that this reader must be able to read."""

    def read(text: str) -> str:
        reader(text)
        return text

    return AfterValidator(read)


class Settings(BaseSettings):
    """What can be set from outside; the name of each environment variable is the field's, in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(POSTGRES_DEFAULT, description="The database: PostgreSQL, or SQLite in a file.")
    secret_key: Secret | None = Field(
        None,
        description="Signs tokens and cursors; 32 bytes or more. Unset: the service makes one and keeps it "
        "in `INSTANCE_PATH/secret_key`.",
        repr=False,
    )
    secret_keys_old: Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(_separated)] = Field(
        (),
        description="Keys that were `SECRET_KEY` before, with commas between, or a JSON array: what they signed is "
        "good until it expires, and nothing new is signed with them.",
        repr=False,
    )
    instance_path: Path = Field(Path("instance"), description="The folder for what the service itself keeps.")

    host: str = Field("127.0.0.1", description="The address to listen on; `0.0.0.0` for every network.")
    port: int = Field(5000, ge=1, le=65535, description="The port to listen on.")
    workers: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 4),
        ge=1,
        le=256,
        description="Processes that serve; by default one a core, at most 4.",
    )
    threads: int = Field(
        32,
        ge=1,
        le=1024,
        description="Requests that one process works on at once, besides those that wait for a hash or a connection.",
    )

    trusted_proxies: Annotated[str, _read_by(networks)] = Field(
        "",
        description="Addresses and networks, separated by commas, whose `X-Forwarded-For`, `-Proto` and `-Host` are "
        "believed; by default nobody's.",
    )

    db_pool_size: int = Field(
        20,
        ge=1,
        le=1000,
        description="Connections that each process keeps open at most; each kind of request has its share. All "
        "processes together must stay below PostgreSQL's `max_connections`.",
    )
    db_max_overflow: int = Field(
        0,
        ge=0,
        le=1000,
        description="Connections beyond those, opened under load and closed again: waiting is cheaper.",
    )
    db_queue: int = Field(
        128,
        ge=1,
        le=1024,
        description="Requests of one kind that wait for a connection, in each process, before a 503.",
    )
    db_pool_timeout: float = Field(10, gt=0, description="Seconds to wait for a free connection before a 503.")
    db_connect_timeout: int = Field(5, ge=1, description="Seconds to wait for PostgreSQL to answer a connection.")
    db_lock_timeout: float = Field(20, gt=0, description="Seconds that a writer waits for another before a 503.")
    db_statement_timeout: float = Field(
        5, ge=0, description="Seconds that a read may take before a 503; 0 is no limit. Writes have none."
    )
    db_prepare_statements: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Prepared statements on PostgreSQL; `false` behind PgBouncer in transaction mode, where "
        "`DB_LOCK_TIMEOUT` and `DB_STATEMENT_TIMEOUT` then have no effect.",
    )

    access_token_lifetime: Duration = Field(
        timedelta(minutes=15), description="How long an access token is good for: seconds, or ISO 8601."
    )
    refresh_token_lifetime: Duration = Field(
        timedelta(days=30), description="How long a session lasts that nobody uses; each refresh begins it anew."
    )
    session_lifetime: Duration = Field(
        timedelta(days=180), description="How long a session lasts at most; then its user signs in again."
    )
    password_reset_lifetime: Duration = Field(
        timedelta(days=1), description="How long a link is good for with which a user sets a new password."
    )
    password_min_length: int = Field(8, ge=1, le=72, description="The fewest bytes in a new password.")
    password_blocklist: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether the 30,000 most common passwords and the service's own words are refused.",
    )
    bcrypt_rounds: int = Field(12, ge=4, le=20, description="The cost of a password's hash: each step doubles it.")
    password_queue: int = Field(
        128,
        ge=1,
        le=1024,
        description="Registrations and logins that wait for a hash at once, in each process, before a 503.",
    )

    editing: Literal["members", "owner"] = Field(
        "members", description="Who may change a record: every signed-in user, or only the one who added it."
    )

    rate_limit_enabled: bool = Field(True, description="Whether anything is limited.")  # noqa: FBT003  (as above)
    rate_limit_storage: Annotated[str, _read_by(redis_url)] = Field(
        "memory://",
        description="Where it is counted: `memory://`, each worker for itself; or `redis://`, `rediss://`, `valkey://` "
        "or `valkeys://` with `HOST:PORT/NUMBER`, all together.",
        repr=False,
    )
    rate_limit_logins: Annotated[str, _read_by(allowance)] = Field(
        "600/5 minute", description="Sign-ins, refreshes, changes and resets of passwords from one address."
    )
    rate_limit_login_failures: Annotated[str, _read_by(allowance)] = Field(
        "10/15 minute", description="Failed sign-ins to one account from one address."
    )
    rate_limit_registrations: Annotated[str, _read_by(allowance)] = Field(
        "600/hour", description="Registrations from one address."
    )
    rate_limit_writes: Annotated[str, _read_by(allowance)] = Field(
        "1200/minute", description="Changes by one account; a batch is one. What is about accounts counts by session."
    )
    rate_limit_reads: Annotated[str, _read_by(allowance)] = Field(
        "", description="Reads from one address; by default as many as they like. A 304 costs nothing."
    )

    cors_origins: Annotated[str, _read_by(origins)] = Field(
        "",
        description="Origins, separated by commas, whose pages in a browser may call the service, or `*`; by default "
        "only its own.",
    )

    max_body_size: int = Field(1024 * 1024, ge=1024, description="Bytes in a request's body before a 413.")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level logged.")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`json`, `console`, or by whether a person is watching the terminal."
    )


class SettingsError(Exception):
    """The environment says something that cannot be; `str()` is one line that names every fault."""


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
