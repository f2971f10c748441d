"""Rate limiting, independent of Flask."""
