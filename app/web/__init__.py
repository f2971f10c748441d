"""The mechanics of HTTP over Flask; nothing in here knows about books."""
