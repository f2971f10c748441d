"""The names of the events of the audit log, and how long its texts may be."""

from __future__ import annotations

from typing import Literal, get_args

EventName = Literal[
    "access_denied",
    "account_deleted",
    "account_deletion_failed",
    "confirmation_failed",
    "genre_renamed",
    "identity_linked",
    "identity_unlinked",
    "invitation_created",
    "invitation_revoked",
    "key_created",
    "key_revoked",
    "password_change_failed",
    "password_changed",
    "password_reset",
    "password_reset_failed",
    "password_reset_issued",
    "recovery_code_used",
    "recovery_codes_renewed",
    "refresh_token_reused",
    "registered",
    "role_changed",
    "second_factor_added",
    "second_factor_asked",
    "second_factor_failed",
    "second_factor_removed",
    "second_factor_started",
    "session_confirmed",
    "session_ended",
    "sign_in_failed",
    "signed_in",
    "signed_out",
    "signed_out_everywhere",
    "user_disabled",
    "user_enabled",
    "webhook_changed",
    "webhook_created",
    "webhook_deleted",
    "webhook_redelivered",
    "webhook_replayed",
    "webhook_secret_rotated",
]
"""docs/security.md describes them to operators."""
EVENT_NAMES: tuple[EventName, ...] = get_args(EventName)
LONGEST_ADDRESS = 64
LONGEST_REQUEST_ID = 128
"""Characters."""
