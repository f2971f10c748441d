"""Flask's mechanics, and nothing of books."""
