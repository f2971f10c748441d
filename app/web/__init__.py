"""The mechanics of HTTP over Flask, without the rules of the catalogue."""
