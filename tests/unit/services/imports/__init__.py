"""Unit tests of app/services/imports/."""
