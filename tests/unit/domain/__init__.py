"""Unit tests of app/domain/."""
