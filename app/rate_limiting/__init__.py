"""Counting requests against limits, without Flask."""
