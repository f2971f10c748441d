"""Unit tests of app/transfer/."""
