"""Unit tests of app/front/."""
