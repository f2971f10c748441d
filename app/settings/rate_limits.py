"""How many requests a client may send."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.types import RateLimit, parsed_by, rate_limit, redis_url, shown


class RateLimitSettings(BaseSettings):
    """How many requests a client may send."""

    rate_limit_enabled: bool = Field(True, description="Whether rate limits apply.")  # noqa: FBT003  (as above)

    rate_limit_storage: Annotated[str | None, parsed_by(redis_url)] = Field(
        None,
        description="Where requests are counted: `memory://`, by each worker for itself; or `redis://`, `rediss://`, "
        "`valkey://` or `valkeys://` with `HOST:PORT/NUMBER`, by all together.",
        json_schema_extra=shown("`memory://`"),
        repr=False,
    )

    rate_limit_logins: RateLimit = Field(
        rate_limit("600/5 minute"),
        description="Logins, refreshes, and changes and resets of passwords from one address.",
    )

    rate_limit_login_failures: RateLimit = Field(
        rate_limit("10/15 minute"), description="Failed logins to one account from one address."
    )

    rate_limit_code_failures: RateLimit = Field(
        rate_limit("30/day"),
        description="Wrong six-digit codes for one account, from all addresses. Recovery codes are not counted.",
    )

    rate_limit_account_failures: RateLimit = Field(
        rate_limit("100/hour"),
        description="Failed logins to one account from all addresses where its user never logged in. Beyond it, these "
        "addresses together have one attempt in five seconds.",
    )

    rate_limit_registrations: RateLimit = Field(rate_limit("600/hour"), description="Registrations from one address.")

    rate_limit_writes: RateLimit = Field(
        rate_limit("1200/minute"),
        description="Writes by one account; a batch is one. Writes to accounts are counted by session.",
    )

    rate_limit_records: RateLimit = Field(
        rate_limit("60000/minute"),
        description="Books that one account writes in batches and imports, by renaming their author, or by undoing "
        "changes; a batch has up to 1,000, so a lower limit refuses large ones.",
    )

    rate_limit_kept_responses: RateLimit = Field(
        rate_limit("262144/day"),
        description="KiB of compressed responses that are kept for the `Idempotency-Key`s of one account, each begun "
        "KiB; a larger response is refused.",
    )

    rate_limit_changes: RateLimit = Field(
        rate_limit("4194304/day"),
        description="KiB that the writes of one account add to the history: each record before and after. Writes of "
        "less than 8 KiB and imports are not counted.",
    )

    rate_limit_reads: RateLimit = Field(
        rate_limit("30000/minute"),
        description="Reads from one address. A 304 is not counted, nor are `/healthz` and `/readyz`.",
    )
