"""Unit tests of app/search/."""
