"""What all commands share: how `--help` explains them."""

from __future__ import annotations

from scripts.console import arguments_of


class TestHelp:
    def test_wraps_each_paragraph_by_itself(self) -> None:
        shown = arguments_of("backup", f"Back up.\n\n{'word ' * 100}\n\nThe end.\n").format_help()
        assert "\n\nBack up.\n\nword word" in shown
        assert "word\n\nThe end.\n" in shown
        assert max(len(line) for line in shown.splitlines()) <= 120

    def test_says_which_database_and_what_the_exit_codes_mean(self) -> None:
        shown = arguments_of("backup", "Back up.").format_help()
        assert "The database is that of DATABASE_URL" in shown
        assert "Exit codes: 0" in shown
        assert "DATABASE_URL" not in arguments_of("backup", "Back up.", database="").format_help()
