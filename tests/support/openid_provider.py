"""Canaille, an OpenID provider of PyPI, in a process and on a port of its own; and a browser that signs in there.

python -m tests.support.openid_provider PORT CALLBACK
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from devtools.databases import ROOT
from devtools.polling import answers, wait_until
from devtools.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT_ID, CLIENT_SECRET = "books", "the secret of the client"
PUBLIC_CLIENT_ID = "books-public"
PEOPLE = ("alice", "bob", "carol", "dave")
PASSWORD = "a password at the provider"  # noqa: S105
STARTS_WITHIN = 60


@dataclass(frozen=True)
class OpenIdProvider:
    """A running provider."""

    issuer: str

    def browser(self) -> httpx.Client:
        """A browser: it keeps cookies, and follows redirects only if a test says so."""
        return httpx.Client(trust_env=False, timeout=30, verify=False)  # noqa: S501  (no TLS here, and fast)

    def sign_in(self, browser: httpx.Client, address: str, person: str) -> str:
        """Sign in at the provider with the form that it shows. Returns: the address to which it sends the browser."""
        reply = browser.get(address)
        for _ in range(10):
            if reply.is_redirect:
                location = str(reply.request.url.join(reply.headers["Location"]))
                if not location.startswith(self.issuer):
                    return location
                reply = browser.get(location)
            else:
                token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', reply.text)
                fields = {"csrf_token": html.unescape(token[1]) if token else "", "login": person, "password": PASSWORD}
                reply = browser.post(reply.request.url, data=fields | {"answer": "accept"})
        raise AssertionError(reply.text)


@contextmanager
def openid_provider(*callbacks: str) -> Iterator[OpenIdProvider]:
    """Run a provider with which clients are registered that have these redirect URIs."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.openid_provider", str(port), *callbacks]
    process = subprocess.Popen(  # noqa: S603  (our own command)
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    provider = OpenIdProvider(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: answers(f"{provider.issuer}/.well-known/openid-configuration"), within=STARTS_WITHIN)
        yield provider
    finally:
        process.terminate()
        process.wait(30)


def require_all_conditions(backend: Any) -> None:
    """Let the memory backend find what meets all conditions.

    It finds what meets any of them, in no order: of all unused codes of the client, a random one was taken.
    """
    meets_any = backend.do_query

    def meets_all(model: type, **conditions: object) -> list[Any]:
        if not conditions:
            return list(meets_any(model))
        found = [{item.id: item for item in meets_any(model, **{name: value})} for name, value in conditions.items()]
        return [item for key, item in found[0].items() if all(key in others for others in found)]

    backend.do_query = meets_all


def main(port: str, *callbacks: str) -> None:
    """Serve until terminated."""
    from canaille import create_app  # noqa: PLC0415  (only in the process of the provider)
    from canaille.app import models  # noqa: PLC0415  (as above)
    from canaille.backends import Backend  # noqa: PLC0415  (as above)
    from joserfc.jwk import RSAKey  # noqa: PLC0415  (as above)
    from werkzeug.serving import make_server  # noqa: PLC0415  (as above)

    key = RSAKey.generate_key(2048, auto_kid=True)
    app = create_app(
        {
            "SECRET_KEY": "the secret of the provider, which only the tests use",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory"},
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    backend = Backend.instance
    require_all_conditions(backend)
    with app.app_context(), backend.session():
        for person in PEOPLE:
            backend.save(
                models.User(
                    user_name=person,
                    display_name=f"{person}-at-home",
                    formatted_name=person.title(),
                    family_name=person.title(),
                    emails=[f"{person}@books.test"],
                    password=PASSWORD,
                )
            )
        for client_id, secret, method in (
            (CLIENT_ID, CLIENT_SECRET, "client_secret_basic"),
            (PUBLIC_CLIENT_ID, None, "none"),
        ):
            client = models.Client(
                client_id=client_id,
                client_secret=secret,
                client_name="Books API",
                client_uri="http://127.0.0.1",
                redirect_uris=list(callbacks),
                grant_types=["authorization_code"],
                response_types=["code"],
                scope=["openid", "profile"],
                token_endpoint_auth_method=method,
            )
            backend.save(client)
            client.audience = [client]
            backend.save(client)
    make_server("127.0.0.1", int(port), app, threaded=True).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
