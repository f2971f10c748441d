"""Unit tests of app/backups/."""
