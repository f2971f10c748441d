"""Media types."""

from __future__ import annotations

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
PROBLEM = "application/problem+json"
PATCHES = f"{MERGE_PATCH}, {JSON}"
"""The media types of a PATCH, as the value of `Accept-Patch`."""
FILES = "application/octet-stream, text/csv"
"""Types for a file to import, whose format may also be guessed from its content."""
