"""Unit tests of app/rate_limiting/."""
