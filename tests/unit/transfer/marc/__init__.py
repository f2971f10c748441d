"""Unit tests of app/transfer/marc/."""
