"""Schemas of the second factor, and of confirmations."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from app.schemas.base import Reply, SmallBody, WriteResult, example
from app.security import recovery_codes, totp

RECOVERY_CODES = ["k3vq7a-p2mwzc-x5ytfe-hnb4ud", "q6rjos-2lgkia-7dwcyv-emt3fx"]
TOTP_PATTERN = r"[0-9]{3} ?[0-9]{3}"
RECOVERY_PATTERN = r"[A-Za-z2-7]{6}([ -]?[A-Za-z2-7]{6}){3}"
CODE_PATTERN = rf"^({TOTP_PATTERN}|{RECOVERY_PATTERN})$"
RECOVERY_SET = Field(description="Each can be used once, instead of a code. They are not shown again.")


def _totp(code: str) -> str:
    if not re.fullmatch(TOTP_PATTERN, code):
        msg = "must be the six digits of an authenticator app"
        raise ValueError(msg)
    return code.replace(" ", "")


def _any_code(code: str) -> str:
    """The code in canonical form."""
    canonical = recovery_codes.canonical(code)
    spelled = re.fullmatch(f"{TOTP_PATTERN}|{RECOVERY_PATTERN}", code)
    if not spelled or not (totp.CODE.fullmatch(canonical) or recovery_codes.CODE.fullmatch(canonical)):
        msg = "must be six digits, or a recovery code of four groups of six characters"
        raise ValueError(msg)
    return canonical


TotpCode = Annotated[
    str,
    AfterValidator(_totp),
    Field(
        description="The six digits that the authenticator app shows.",
        json_schema_extra={"pattern": f"^{TOTP_PATTERN}$"},
    ),
]
Code = Annotated[
    str,
    AfterValidator(_any_code),
    Field(
        description="For an account with a second factor: the six digits that the authenticator app shows, or a "
        "recovery code. Each can be used once.",
        json_schema_extra={"pattern": CODE_PATTERN},
    ),
]


class TotpConfirm(SmallBody):
    """The first code of an authenticator app."""

    model_config = example({"code": "492039"})

    code: TotpCode


class StepUp(SmallBody):
    """The password, or for an account with a second factor, a code."""

    model_config = example({"password": "correct horse battery"}, {"code": "492039"})

    password: Annotated[
        Annotated[str, StringConstraints(min_length=1)] | None,
        Field(description="Needed if the account has no second factor, else ignored."),
    ] = None
    code: Annotated[Code | None, Field(description="Needed if the account has a second factor.")] = None


class SecondFactorReply(Reply):
    """The second factor of an account."""

    model_config = example({"second_factor_since": "2026-11-22T10:00:00Z", "recovery_codes_left": 10})

    second_factor_since: Annotated[datetime | None, Field(description="`null` if the account has no second factor.")]
    recovery_codes_left: Annotated[int, Field(ge=0, description="How many recovery codes are unused.")]


class TotpStarted(WriteResult):
    """The secret of a second factor that is not on yet. It is shown only once."""

    model_config = example(
        {
            "status": "success",
            "message": "scan the URI as a QR code, or type the secret; then confirm with a code",
            "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "uri": "otpauth://totp/Books%20API:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Books%20API",
        }
    )

    secret: Annotated[str, Field(description="In base32, to type into an authenticator app.")]
    uri: Annotated[str, Field(description="To show as a QR code: an `otpauth://` URI.")]


class RecoveryCodes(WriteResult):
    """A new set of recovery codes. It is shown only once."""

    model_config = example(
        {"status": "success", "message": "second factor on; all other sessions have ended", "codes": RECOVERY_CODES}
    )

    codes: Annotated[list[str], RECOVERY_SET]


class Confirmed(WriteResult):
    """A confirmed session."""

    model_config = example({"status": "success", "message": "confirmed", "confirmed_until": "2026-11-22T10:10:00Z"})

    confirmed_until: Annotated[datetime, Field(description="Until when sensitive operations are allowed.")]
