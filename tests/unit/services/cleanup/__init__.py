"""Unit tests of app/services/cleanup/."""
