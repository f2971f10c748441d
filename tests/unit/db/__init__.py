"""Unit tests of app/db/."""
