"""Keys, tokens, sessions, passwords, and what members may do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from app.settings.types import Duration, Secret, separated, shown


class AccountSettings(BaseSettings):
    """Keys, tokens, sessions, passwords, and what members may do."""

    secret_key: Secret | None = Field(
        None,
        description="The key that signs tokens and cursors: at least 32 bytes. If unset, the service generates one and "
        "keeps it in `INSTANCE_PATH/secret_key`.",
        json_schema_extra=shown("generated and kept"),
        repr=False,
    )

    secret_keys_old: Annotated[tuple[Secret, ...], NoDecode, BeforeValidator(separated)] = Field(
        (),
        description="Former values of `SECRET_KEY`, separated by commas, or a JSON array. What they signed is valid "
        "until it expires; nothing new is signed with them.",
        json_schema_extra=shown("none"),
        repr=False,
    )

    instance_path: Path = Field(Path("instance"), description="The folder where the service keeps its own files.")

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

    password_min_length: int = Field(8, ge=1, le=72, description="Minimum length of a new password in characters.")

    password_blocklist: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether the 30,000 most common passwords and words that belong to the service are refused.",
    )

    second_factor: Literal["optional", "admins", "everyone"] = Field(
        "optional",
        description="Which accounts must have a second factor: none (`optional`), those of `admins`, or `everyone`'s. "
        "Until it has one, such an account can add it, but not act as an admin, write, or create API keys.",
    )

    step_up_lifetime: Duration = Field(
        timedelta(minutes=10),
        description="How long after a login, or a confirmation with `POST /auth/step-up`, a session may create API "
        "keys, change users, issue password resets, change the second factor, link identities and delete accounts. The "
        "default is 10 minutes.",
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

    audit_keep: int = Field(
        365,
        ge=1,
        le=36_500,
        description="How many days events of the audit log, with addresses of clients, are kept in the database.",
    )

    registration: Literal["open", "invite", "closed"] = Field(
        "open",
        description="Who may register: `open` (everyone), `invite` (with an invitation from an admin) or `closed` "
        "(only the operator adds users, as admins, on the command line).",
    )

    invitation_lifetime: Duration = Field(
        timedelta(days=7), description="Lifetime of an invitation. The default is a week."
    )

    reading: Literal["everyone", "members"] = Field(
        "everyone",
        description="Who may read the catalogue: `everyone`, or `members` (users, and API keys with `books:read` or "
        "`books:write`).",
    )

    writing: Literal["members", "admins", "closed"] = Field(
        "members",
        description="Who may add, change and delete books and authors at present: `members` (every user, as far as the "
        "user's rights go), `admins`, or no one (`closed`). Reading, signing in and accounts are not affected.",
    )

    editing: Literal["members", "owner"] = Field(
        "members",
        description="Who may change a record: `members` (every user) or `owner` (only the user who added it, "
        "and admins).",
    )

    quota_records: int | None = Field(
        None,
        ge=1,
        description="How many books and authors that a member added may exist; further ones get a 403. Admins have no "
        "quota. From 100,000 on, counting takes some 10 ms of each creation by a member with as many.",
        json_schema_extra=shown("no limit"),
    )
