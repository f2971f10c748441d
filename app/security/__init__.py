"""Passwords, tokens, signing keys and roles."""
