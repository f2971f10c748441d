"""Sign-in at the provider, as browsers see it: the way there, the way back, and the page at the end."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Response, request

from app.errors import BooksError, Fault, InvalidRequest, SignInDisabled, SignInRefused
from app.oidc.pending_sign_ins import LIFETIME, PendingSignIn
from app.pages.rendering import page, pages
from app.services.accounts.identities import IdentityService
from app.web.hosts import public_root
from app.web.operations import any_parameters, undocumented
from app.web.problems import problem
from app.web.rate_limits import counted, limit_address
from app.web.replies import no_store
from app.web.state import state, transaction

if TYPE_CHECKING:
    from app.web.operations import View
    from app.web.state import OidcSignIn

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""SHA-256 in base64url (RFC 7636, section 4.2)."""
NOT_SIGNED_IN = "The provider did not sign you in."


def _for_browsers(view: View) -> View:
    """Report errors as a page, with the status and headers of the problem; other clients get the problem itself."""

    @wraps(view)
    def reported(**arguments: object) -> Response:
        try:
            response: Response = view(**arguments)
        except BooksError as error:
            response = problem(error)
            if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
                shown = page("sign_in_failed.html", title=error.title, message=error.message)
                shown.status_code = response.status_code
                shown.headers.extend((name, value) for name, value in response.headers if name == "Retry-After")
                response = shown
        return no_store(response)

    return reported


@pages.get("/auth/oidc/login")
@undocumented
@any_parameters
@_for_browsers
@counted(limit_address)
def begin_oidc_sign_in() -> Response:
    """Send the browser to the provider."""
    oidc = _oidc()
    return_to, challenge = _parameter("return_to"), _parameter("code_challenge")
    if return_to is not None and return_to not in state().settings.oidc_return_urls:
        raise InvalidRequest(faults=(Fault("return_to", "is not one of OIDC_RETURN_URLS", "parameter"),))
    if challenge is None and return_to is not None:
        raise InvalidRequest(faults=(Fault("code_challenge", "is required with return_to", "parameter"),))
    if challenge is not None and not CHALLENGE.fullmatch(challenge):
        raise InvalidRequest(faults=(Fault("code_challenge", "must be an S256 challenge", "parameter"),))
    pending = PendingSignIn.begin(f"{_root()}auth/oidc/callback", return_to, challenge)
    response = Response(status=303)
    response.headers["Location"] = oidc.provider.authorization_url(pending)
    response.set_cookie(
        _cookie(), oidc.pending.sign(pending), LIFETIME, secure=_over_tls(), httponly=True, samesite="Lax"
    )
    return response


@pages.get("/auth/oidc/callback")
@undocumented
@any_parameters
@_for_browsers
@counted(limit_address)
def end_oidc_sign_in() -> Response:
    """Take the browser back from the provider (OpenID Connect Core 1.0, section 3.1.2.5)."""
    oidc = _oidc()
    pending = oidc.pending.read(request.cookies.get(_cookie()), _parameter("state") or "")
    oidc.provider.require_issuer(_parameter("iss"))
    code = _parameter("code")
    if code is None or _parameter("error") is not None:
        raise SignInRefused(NOT_SIGNED_IN)
    proved = oidc.provider.identify(pending, code)
    with transaction() as db:
        issued = IdentityService(db).issue_code(proved, pending.challenge)
    response = Response(status=303)
    response.headers["Location"] = _return_url(pending, issued)
    response.delete_cookie(_cookie(), secure=_over_tls(), httponly=True, samesite="Lax")
    return response


@pages.get("/signed-in")
@undocumented
def signed_in() -> Response:
    """The page at the end of a sign-in that no app began."""
    return page("signed_in.html")


def _root() -> str:
    """What the redirect URI begins with: as in links, or with the host of the request if the service does not know.

    A client that names another host gets no further: a provider compares the redirect URI with the registered ones
    exactly (OpenID Connect Core 1.0, section 3.1.2.1).
    """
    root = public_root()
    return request.url_root if root == "/" else root


def _over_tls() -> bool:
    """Whether the browser speaks TLS: with us, or with a proxy, of which `PUBLIC_URL` tells."""
    return request.is_secure or _root().startswith("https:")


def _return_url(pending: PendingSignIn, code: str) -> str:
    """Behind the # of our own page, which no browser sends and no server logs; apps get it as in OAuth."""
    if pending.return_to is None:
        return f"/signed-in#{code}"
    return f"{pending.return_to}{'&' if '?' in pending.return_to else '?'}{urlencode({'code': code})}"


def _oidc() -> OidcSignIn:
    oidc = state().oidc
    if oidc is None:
        raise SignInDisabled
    return oidc


def _cookie() -> str:
    """Over TLS with a prefix, by which browsers refuse one that another subdomain set (RFC 6265bis, 4.1.3.2)."""
    return "__Host-books-sign-in" if _over_tls() else "books-sign-in"


def _parameter(name: str) -> str | None:
    """A parameter that is given at most once.

    Raises:
        InvalidRequest: it is repeated.
    """
    values = request.args.getlist(name)
    if len(values) > 1:
        raise InvalidRequest(faults=(Fault(name, "must be given once", "parameter"),))
    return values[0] if values else None
