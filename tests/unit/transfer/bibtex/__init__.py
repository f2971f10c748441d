"""Unit tests of app/transfer/bibtex/."""
