"""Unit tests of app/transfer/json/."""
