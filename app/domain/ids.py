"""The largest numbers."""

from __future__ import annotations

MAX_ID = 2**63 - 1
"""The largest number that the column of an id holds."""

LARGEST_BROUGHT_ID = 10**15
"""A client may bring an id up to this: those that follow stay within what all readers of JSON agree on, 2**53
(RFC 8259, section 6)."""
