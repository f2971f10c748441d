"""Unit tests of app/security/."""
