"""Passwords, tokens, keys and roles."""
