"""The names of the service: which `Host` a request may have, and what the links begin with that users pass on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import request

from app.web.http_errors import HostNotAllowed
from app.web.state import state

if TYPE_CHECKING:
    from flask import Flask

    from app.settings import Settings

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Always allowed: health checks of the machine itself use these, and links with them lead nowhere else."""


def register_hosts(app: Flask, settings: Settings) -> None:
    """Refuse requests for other hosts than the service's, if `ALLOWED_HOSTS` names them."""
    if settings.allowed_hosts:
        app.before_request(_require_allowed)


def public_root() -> str:
    """The URL of the service, with a slash at its end, for a link that users pass on.

    It is `/` where the service cannot know: any client may send any `Host`, and a link that begins with another site's
    name would hand the token in it to that site.
    """
    settings = state().settings
    if settings.public_url is not None:
        return f"{settings.public_url}/"
    return request.url_root if settings.allowed_hosts or _name() in LOOPBACK else "/"


def _require_allowed() -> None:
    """Check `Host`, or `X-Forwarded-Host` of a trusted proxy (RFC 9112, section 3.2).

    Raises:
        HostNotAllowed: it names another host, or none.
    """
    settings, name = state().settings, _name()
    own = {*LOOPBACK, urlsplit(settings.public_url or "").hostname or "localhost"}
    if name not in own and not any(_matches(name, entry) for entry in settings.allowed_hosts):
        raise HostNotAllowed


def _name() -> str:
    """The host of the request without its port, in lower case; empty if it is none."""
    try:
        return (urlsplit(f"//{request.host}").hostname or "").removesuffix(".")
    except ValueError:  # half a bracket, or a port that is no number
        return ""


def _matches(name: str, entry: str) -> bool:
    return name.endswith(entry) or name == entry[1:] if entry.startswith(".") else name == entry
