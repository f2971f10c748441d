"""Unit tests of app.metrics."""
