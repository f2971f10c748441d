"""Unit tests of app/schemas/."""
