"""Many clients at once, against real servers with real commits."""
