"""Flask's debug mode, which shows a client what went wrong inside, stays off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.web.operations import create_application

if TYPE_CHECKING:
    import pytest


class TestDebugMode:
    def test_is_off_whatever_the_environment_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FLASK_DEBUG", "1")
        app = create_application(__name__, "", static_folder="static", template_folder="templates")
        assert (app.debug, app.testing) == (False, False)
