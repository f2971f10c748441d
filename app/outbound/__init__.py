"""Requests to addresses that users name: to public addresses only, within a limit of time, and without redirects."""
