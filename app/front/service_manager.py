"""Messages to the service manager that started the process: systemd's protocol, sd_notify(3).

Without a library: sdnotify has had no release since 2017, and systemd-python needs a compiler and headers.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"
WAITS = 1.0
"""Seconds for a manager that is busy."""


def notify(*messages: str) -> None:
    """Send messages, if a service manager wants any (`NOTIFY_SOCKET`). It never raises, and waits a second at most."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # of the abstract namespace
        address = f"\0{address[1:]}"
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.settimeout(WAITS)
        connection.sendto("\n".join(messages).encode(), address)
