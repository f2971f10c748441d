"""Clients that others generate from the OpenAPI document, compiled strictly and run; and what linters say of it."""
