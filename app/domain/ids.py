"""The largest ids."""

from __future__ import annotations

MAX_ID = 2**63 - 1
"""The largest number that an id column can hold."""

MAX_CLIENT_SUPPLIED_ID = 10**15
"""The largest client-supplied id. The ids generated after it stay within 2**53, up to which all JSON readers agree
(RFC 8259, section 6)."""
MAX_ID_OF_MEMBER = 10**9
"""Generated ids continue after the largest one: those of members stay within a signed 32-bit integer."""
