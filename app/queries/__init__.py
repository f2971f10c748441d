"""Reads, over a connection: ready documents, filters and keyset pages."""
