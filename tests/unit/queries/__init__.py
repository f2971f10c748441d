"""Unit tests of app/queries/."""
