"""Errors that pass with time: rate limits, and parts of the service that are unavailable."""

from __future__ import annotations

from typing import ClassVar, Literal

from app.errors.base import BooksError

DatabaseCause = Literal[
    "unreachable",
    "silent",
    "busy",
    "slow",
    "read_only",
    "full",
    "deleted",
    "replaced",
    "corrupt",
    "not_migrated",
    "migrating",
    "newer",
    "unknown_revision",
    "schema_changed",
]
"""Why the database is unavailable; docs/operations.md says what to do about each."""


class TooManyRequests(BooksError):
    code = "too_many_requests"
    title = "Too many requests"
    message = "Too many requests."
    remedy = (
        "Wait for the number of seconds in `Retry-After`. `RateLimit-Policy` states the limits, `RateLimit` what "
        "remains of them."
    )

    def __init__(self, what: str, retry_after: int) -> None:
        """Describe what was attempted too often, and how many seconds to wait."""
        self.retry_after = retry_after
        super().__init__(f"{what} Try again in {retry_after} {'second' if retry_after == 1 else 'seconds'}.")


class Unavailable(BooksError):
    """A temporary failure: a later attempt may succeed."""


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    title = "Database unavailable"
    message = "The database cannot be reached at the moment."
    remedy = (
        "Try again after the number of seconds in `Retry-After`; a write that got this response may or may not have "
        "been saved. Operators: `cause` and the log say why; docs/operations.md says what to do."
    )
    cause: ClassVar[DatabaseCause] = "unreachable"


class DatabaseSilent(DatabaseUnavailable):
    message = "The database does not answer in time."
    cause = "silent"


class DatabaseReadOnly(DatabaseUnavailable):
    message = "The database is read-only at the moment."
    cause = "read_only"


class DatabaseFull(DatabaseUnavailable):
    message = "The disk of the database is full."
    cause = "full"


class DatabaseMissing(DatabaseUnavailable):
    message = "The database is missing: it was deleted, moved or renamed."
    cause = "deleted"


class DatabaseReplaced(DatabaseUnavailable):
    message = "The database file was replaced, or one of its companion files was, while the service had it open."
    cause = "replaced"


class DatabaseCorrupt(DatabaseUnavailable):
    message = "The database is damaged."
    cause = "corrupt"


class DatabaseBusy(DatabaseUnavailable):
    code = "database_busy"
    title = "Database busy"
    message = "The database is busy with other requests."
    remedy = (
        "Try again after the number of seconds in `Retry-After`. Operators: the log has the cause; `DB_POOL_SIZE` sets "
        "how many requests the database handles at once, `DB_QUEUE` how many may wait."
    )
    cause = "busy"


class QueryTooSlow(DatabaseUnavailable):
    code = "query_too_slow"
    title = "Query too slow"
    message = "The database query for this request took too long and was cancelled."
    remedy = (
        "Narrow the search: more or rarer words, more filters, no `count=exact`, a smaller `limit`. Operators: "
        "`DB_STATEMENT_TIMEOUT` sets the limit."
    )
    cause = "slow"


class DatabaseOutdated(Unavailable):
    code = "database_outdated"
    title = "Database not migrated"
    message = "The database schema is not at the version that the service needs."
    remedy = "Operators: run `alembic upgrade head`."
    cause: ClassVar[DatabaseCause] = "not_migrated"
    for_operators = "is not at the newest migration: run 'alembic upgrade head'"
    """What follows the name of the database, where a command or the service cannot start."""

    def at_start(self, database: str) -> str:
        """The sentence for the operator whose command cannot start on this database."""
        general = self.message == type(self).message
        return f"the database {database} {self.for_operators}" if general else self.message


class MigrationInterrupted(DatabaseOutdated):
    """A migration ended half-way, and is not running."""

    message = "The migration of the database was interrupted."
    for_operators = (
        "was not migrated to the end: run 'alembic upgrade head' again; it continues where the last run stopped"
    )


class DatabaseMigrating(DatabaseOutdated):
    code = "database_migrating"
    title = "Database being migrated"
    message = "The database is being migrated at the moment."
    remedy = "Try again later. Operators: the migration prints its progress where it was started."
    for_operators = "is being migrated at the moment by another process: start again when it has finished"
    cause = "migrating"


class DatabaseNewer(DatabaseOutdated):
    code = "database_newer"
    title = "Database of a newer version"
    message = "The database was migrated by a newer version of the service."
    remedy = "Operators: run the newer version, or restore the backup from before the upgrade."
    for_operators = (
        "was migrated by a newer version of the service: run that version, or restore the backup from before the "
        "upgrade"
    )
    cause = "newer"


class RevisionUnknown(DatabaseOutdated):
    code = "database_revision_unknown"
    title = "Unknown database revision"
    message = "The database is at a revision that this version of the service does not know."
    remedy = "Operators: check `DATABASE_URL`, run the version that migrated the database, or restore a backup."
    for_operators = (
        "is at a revision that this version of the service does not know: check DATABASE_URL, run the version that "
        "migrated it, or restore a backup"
    )
    cause = "unknown_revision"


class SchemaChanged(DatabaseOutdated):
    code = "database_schema_changed"
    title = "Database schema changed"
    message = "The database schema is no longer the one that this version of the service needs."
    remedy = (
        "Operators: tables or columns are missing, or were changed while the service was running. Restart the service, "
        "which reports the cause; if the migrations are complete, restore a backup."
    )
    for_operators = "lacks tables or columns although all migrations were applied: restore a backup"
    cause = "schema_changed"


class LimitsUnavailable(Unavailable):
    code = "limits_unavailable"
    title = "Rate limiter unavailable"
    message = "The rate limiter is unavailable, so this request was refused."
    remedy = "Try again after the number of seconds in `Retry-After`. Operators: check `RATE_LIMIT_STORAGE`."


class ProviderUnavailable(Unavailable):
    code = "provider_unavailable"
    title = "Identity provider unavailable"
    message = "The identity provider cannot be reached at the moment."
    remedy = "Try again after the number of seconds in `Retry-After`. Operators: the log has the cause."


class HashingBusy(Unavailable):
    code = "hashing_busy"
    title = "Too many logins"
    message = "Too many users are registering or logging in at the moment."
    remedy = (
        "Try again after the number of seconds in `Retry-After`. Operators: add cores, or raise `PASSWORD_QUEUE` to "
        "let more requests wait."
    )


class UploadSpaceFull(Unavailable):
    code = "upload_space_full"
    title = "No room for uploads"
    message = "The service has no room for the request body at the moment."
    remedy = (
        "Try again after the number of seconds in `Retry-After`. Operators: request bodies over 64 KiB are temporary "
        "files; `TMPDIR` says where."
    )


class TooManyImports(Unavailable):
    code = "too_many_imports"
    title = "Too many imports"
    message = "Too many files are being imported."
    remedy = (
        "Send the file again after the time in `Retry-After`. Operators: `IMPORTS_AT_ONCE` sets how many each process "
        "receives and carries out at once."
    )


class TooManyExports(Unavailable):
    code = "too_many_exports"
    title = "Too many exports"
    message = "Too many clients are receiving exports."
    remedy = "Ask again after the time in `Retry-After`."
