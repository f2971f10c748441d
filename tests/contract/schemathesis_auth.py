"""Authentication for schemathesis, which loads this: each request gets a session of its own.

One session for all would end with the first request that ends sessions, and an admin may end the own role. So
before each request the user is made an admin again. DATABASE_URL and SECRET_KEY are those of the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import schemathesis
from sqlalchemy import select

from app.database import Database
from app.models import User
from app.security.roles import ADMIN
from app.security.tokens import Bearer, Tokens
from app.services.accounts.sessions import SessionService
from app.settings import load_settings
from app.web.openapi import NOT_MODIFIED

if TYPE_CHECKING:
    from schemathesis import AuthContext, Case, HookContext

NAME = "fuzzer"
NOTHING = NOT_MODIFIED[304]["content"]
SETTINGS = load_settings()
DATABASE = Database.of(SETTINGS)
SECRET = SETTINGS.secret_key or ""
TOKENS = Tokens([SECRET], SETTINGS.access_token_lifetime)


@schemathesis.hook
def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Try a few relator codes in each place: all 269 make 1,300 more requests, and a minute of them.

    The content of a 304 is for a generator of clients (see `NOT_MODIFIED`): there is none on the wire.
    """
    relators = raw_schema["components"]["schemas"]["Relator"]
    relators["enum"] = ["aut", "edt", "ill", "trl"]
    inline = [operation["responses"] for path in raw_schema["paths"].values() for operation in path.values()]
    for responses in [*inline, raw_schema["components"]["responses"]]:
        for response in responses.values():
            if response.get("content") == NOTHING:
                del response["content"]


@schemathesis.auth(refresh_interval=None)
class AdminAuth:
    """An admin, whatever earlier requests have done."""

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        """A valid token."""
        with DATABASE.transaction() as db:
            user = db.scalar(select(User).where(User.username == NAME).with_for_update())
            if user is None:
                user = User(username=NAME, password_hash="-")  # noqa: S106  (no user signs in with it)
                db.add(user)
            user.role, user.disabled_at = ADMIN, None
            db.flush()
            grant = SessionService(db, SETTINGS, SECRET).begin(user, None)
            return TOKENS.issue(Bearer(grant.user_id, grant.session_id))

    def set(self, case: Case[Any], token: str, _context: AuthContext) -> None:
        """Send it along."""
        case.headers["Authorization"] = f"Bearer {token}"
