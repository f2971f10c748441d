"""Types and parsers of settings: from their text to a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, JsonValue

Network = IPv4Network | IPv6Network

SHORTEST_SECRET = 32
"""Bytes: HS256 wants a key of at least 256 bits (RFC 7518, section 3.2)."""
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
HOST = re.compile(r"\.?[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
REDIS_SCHEMES = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}
"""Valkey speaks Redis's protocol; redis-py knows only Redis's name."""


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas; an address is the network that holds nothing else.

    Raises:
        ValueError: an entry is neither, or a network's address has bits that its mask leaves out.
    """
    return tuple(_network(entry) for entry in entries(text))


def _network(entry: str) -> Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        msg = f"must be addresses and networks, separated by commas: {error}"
        raise ValueError(msg) from None


def entries(text: str) -> list[str]:
    """What stands between commas, without spaces around it."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def rate_limit(text: str) -> RateLimitItem | None:
    """So often in so much time, in the notation of the library `limits`: `600/5 minute`; None for no text or `none`.

    Raises:
        ValueError: it is something else, several at once, or nothing at all (`0/minute`).
    """
    if text.strip().lower() in {"", "none"}:
        return None
    try:
        items = parse_many(text)
    except ValueError:
        items = []
    if len(items) != 1 or items[0].amount < 1 or items[0].get_expiry() < 1:
        msg = "must be one limit of at least 1, such as '600/5 minute' or '100/hour'"
        raise ValueError(msg)
    return items[0]


def redis_url(text: str) -> str | None:
    """The URL of the counters as redis-py spells it; None for `memory://`.

    Raises:
        ValueError: it is something else. The message says nothing of the value, which may hold a password.
    """
    if text == "memory://":
        return None
    from redis.connection import Connection, parse_url  # noqa: PLC0415  (72 ms that few need)
    from redis.exceptions import RedisError  # noqa: PLC0415  (likewise)

    scheme, _, rest = text.partition("://")
    url = f"{REDIS_SCHEMES.get(scheme, '')}://{rest}"
    try:
        parts = urlsplit(url)
        if parts.hostname and parts.port != 0 and re.fullmatch(r"/?\d*", parts.path) and not parts.fragment:
            options = dict(parse_url(url))  # type: ignore[no-untyped-call]  # redis-py's
            options.pop("connection_class", Connection)(**options)  # takes the options of the query; connects later
            return url
    except (ValueError, TypeError, RedisError):
        pass
    msg = "must be memory://, or redis://HOST:PORT/NUMBER, and so with rediss:// (TLS), valkey:// or valkeys://"
    raise ValueError(msg)


def origins(text: str) -> tuple[str, ...]:
    """Origins as browsers write them (RFC 6454, section 6.2), separated by commas; or `*` alone.

    Raises:
        ValueError: an entry is no origin, or one that no browser sends: with a path, or with the scheme's own port.
    """
    found = tuple(entry.lower() for entry in entries(text))
    for entry in found:
        if entry != "*" and not ORIGIN.fullmatch(entry):
            msg = "must be origins such as 'https://books.example' or 'http://localhost:3000', separated by commas"
            raise ValueError(msg)
        if entry == "*" and len(found) > 1:
            msg = "must be either '*' or a list of origins"
            raise ValueError(msg)
        if re.fullmatch(r"http://.*:80|https://.*:443", entry):
            msg = "must leave out the port that a scheme has anyway, as browsers do"
            raise ValueError(msg)
    return found


def web_address(text: str) -> str:
    """The address of the service: an http or https origin, without a slash at its end.

    Raises:
        ValueError: it is something else.
    """
    url = text.strip().removesuffix("/").lower()
    if not ORIGIN.fullmatch(url) or not url.startswith(("http://", "https://")):
        msg = "must be an address without a path, such as 'https://books.example'"
        raise ValueError(msg)
    return url


def hosts(text: str) -> tuple[str, ...]:
    """Names and addresses, separated by commas, in lower case; IPv6 without brackets.

    Raises:
        ValueError: an entry is neither, or has a port.
    """
    found = tuple(entry.lower() for entry in entries(text))
    if not all(HOST.fullmatch(entry) for entry in found):
        msg = "must be names and addresses without ports, such as 'books.example, .books.example, 192.0.2.7'"
        raise ValueError(msg)
    return tuple(entry.strip("[]") for entry in found)


def _long_enough(secret: str) -> str:
    if len(secret.encode()) < SHORTEST_SECRET:
        msg = f"must be at least {SHORTEST_SECRET} bytes long; leave it unset, and the service generates one"
        raise ValueError(msg)
    return secret


def _seconds(duration: object) -> object:
    """A bare number is seconds; pydantic reads ISO 8601 by itself."""
    return float(duration) if isinstance(duration, str) and duration.isdecimal() else duration


def separated(text: object) -> object:
    """Entries with commas between, or a JSON array where one has a comma in it."""
    if not isinstance(text, str):
        return text
    return json.loads(text) if text.startswith("[") else tuple(entries(text))


Duration = Annotated[timedelta, BeforeValidator(_seconds), Field(gt=timedelta(0))]
Secret = Annotated[str, AfterValidator(_long_enough)]


def parsed_by(parse: Callable[[str], object]) -> BeforeValidator:
    """Parse what comes as text; what is parsed already stays as it is."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def shown(default: str) -> dict[str, JsonValue]:
    """What the documentation shows as the default, where the value itself would say nothing."""
    return {"default_shown": default}


RateLimit = Annotated[InstanceOf[RateLimitItem] | None, parsed_by(rate_limit)]
