"""Unit tests of app/transfer/ris/."""
