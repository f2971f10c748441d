"""Backups of the database, each a single file, and restoring them."""
