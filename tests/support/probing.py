"""Reading the readiness probe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devtools.polling import wait_until

if TYPE_CHECKING:
    import httpx


def readiness(client: httpx.Client) -> httpx.Response:
    """The response of `/readyz` once its check has ended in time.

    On a busy machine the check may take longer than the probe waits for it, which then reports `silent`.
    """

    def settled() -> httpx.Response | None:
        response = client.get("/readyz")
        return None if response.json().get("cause") == "silent" else response

    return wait_until(settled)
