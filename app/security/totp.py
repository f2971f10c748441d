"""Time-based one-time passwords (RFC 6238), the codes of authenticator apps."""

from __future__ import annotations

import re

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER = "Books API"
"""The name under which an authenticator app lists the accounts of this service."""
CODE = re.compile(r"[0-9]{6}")
STEPS_AROUND = 1
"""A code of the step before or after is accepted: typing takes time, and clocks differ (RFC 6238, section 5.2)."""


def new_secret() -> str:
    """A new secret for an authenticator: 160 random bits in base32, as RFC 4226, section 4, recommends."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, username: str) -> str:
    """The `otpauth://` URI that authenticator apps read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(code: str, secret: str, now: float) -> int | None:
    """The time step (of 30 seconds) that a code belongs to; None if it is not valid now.

    Args:
        code: six ASCII digits. They are compared in constant time.
        secret: in base32.
        now: seconds since the epoch.
    """
    if not CODE.fullmatch(code):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=STEPS_AROUND)
    except OTPVerificationError:
        return None
