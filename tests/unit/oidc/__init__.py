"""Unit tests of app/oidc/."""
