"""Which ways to sign in are enabled."""

from __future__ import annotations

from app.errors import SignInDisabled
from app.web.state import state


def require_password_sign_in() -> None:
    """Check that users sign in with passwords here.

    Raises:
        SignInDisabled: they do not (`PASSWORD_SIGN_IN`).
    """
    if not state().settings.password_sign_in:
        raise SignInDisabled
