"""Unit tests of app/transfer/tables/."""
