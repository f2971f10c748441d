"""An OpenID provider that says whatever a test wants: on a port of its own, over HTTP."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

    from joserfc.jwk import Key

CLIENT_ID, CLIENT_SECRET = "books", "the secret of the client"
KEY = RSAKey.generate_key(2048, auto_kid=True)
ALGORITHMS = ["RS256", "HS256", "none"]

Document = dict[str, Any]


@dataclass
class ForgingProvider:
    """What it says next. `begin` notes the nonce that a valid ID token must repeat."""

    issuer: str = ""
    metadata: Document = field(default_factory=dict)
    """What the discovery document says otherwise."""
    keys: list[Key] = field(default_factory=lambda: [KEY])
    claims: Document = field(default_factory=dict)
    """What the ID token says otherwise; None for a claim that it does not have."""
    header: Document = field(default_factory=dict)
    signed_by: Key = field(default_factory=lambda: KEY)
    forge: Callable[[str], str] = str
    """What is done to the ID token after it was signed."""
    userinfo: Document = field(default_factory=dict)
    unavailable: set[str] = field(default_factory=set)
    """Paths that are answered with 503."""
    requests: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    """Path, form and `Authorization` of each request."""
    nonce: str = ""
    spent: set[str] = field(default_factory=set)

    def reset(self) -> None:
        """Behave correctly again."""
        fresh = ForgingProvider(self.issuer)
        self.__dict__.update(fresh.__dict__)

    def begin(self, address: str) -> dict[str, str]:
        """The parameters of a request to the authorization endpoint, to which a user is sent."""
        parameters = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = parameters["nonce"]
        return parameters

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        path = environ["PATH_INFO"]
        form = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
        self.requests.append((path, parse_qs(form), environ.get("HTTP_AUTHORIZATION", "")))
        status, document = self._respond(path, parse_qs(form))
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(document).encode()]

    def _respond(self, path: str, form: dict[str, list[str]]) -> tuple[str, Document]:
        if path in self.unavailable:
            return "503 Service Unavailable", {}
        match path:
            case "/.well-known/openid-configuration":
                return "200 OK", self._discovery() | self.metadata
            case "/keys":
                return "200 OK", {"keys": [key.as_dict(private=False) for key in self.keys]}
            case "/userinfo":
                return "200 OK", self.userinfo
            case "/token" if form["code"][0] not in self.spent:
                self.spent.add(form["code"][0])
                return "200 OK", {"access_token": "at", "token_type": "Bearer", "id_token": self._id_token()}
        return "400 Bad Request", {"error": "invalid_grant"}

    def _discovery(self) -> Document:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }

    def _id_token(self) -> str:
        now = int(time.time())
        defaults = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "1", "iat": now, "exp": now + 60, "nonce": self.nonce}
        claims = {name: value for name, value in (defaults | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.signed_by.kid} | self.header
        return self.forge(jwt.encode(header, claims, self.signed_by, algorithms=ALGORITHMS))


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def forging_provider() -> Iterator[ForgingProvider]:
    """Run one in a thread until the block ends."""
    provider = ForgingProvider()
    with make_server("127.0.0.1", 0, provider, handler_class=_Silent) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
