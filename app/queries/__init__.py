"""Reads over a connection: stored documents, filters and keyset pages."""
