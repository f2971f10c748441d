"""Requests that count towards limits, and what responses say of the limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client

POLICY = re.compile(r'"([a-z-]+)";q=(\d+);w=(\d+)')
STATE = re.compile(r'"([a-z-]+)";r=(\d+);t=(\d+)')
WRONG = "wrong password"


def policies(answer: httpx.Response) -> dict[str, tuple[int, int]]:
    """By the name of each limit: its quota, and the seconds of its window, as `RateLimit-Policy` says."""
    return {name: (int(q), int(w)) for name, q, w in POLICY.findall(answer.headers["RateLimit-Policy"])}


def remaining(answer: httpx.Response) -> dict[str, int]:
    """By the name of each limit: the requests that remain in its window, as `RateLimit` says."""
    return {name: int(r) for name, r, _ in STATE.findall(answer.headers["RateLimit"])}


def require_refused(answer: httpx.Response, what: str, window: int) -> None:
    """Require a 429 that names the limit, and the seconds until the next try, at most those of its window."""
    assert answer.status_code == 429
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= window
    problem = answer.json()
    assert problem["code"] == "too_many_requests"
    assert problem["detail"].startswith(what)
    assert f"Try again in {wait} second" in problem["detail"]


def sign_in(client: Client, username: str = "reader", password: str = WRONG, **headers: str) -> Any:
    """Log in, by default with a wrong password. The names of headers have underscores for hyphens."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/auth/login", json={"username": username, "password": password}, headers=names)


def from_address(address: str) -> dict[str, str]:
    """The header that a trusted proxy adds for a client at this address, for `sign_in`."""
    return {"X_Forwarded_For": address}
