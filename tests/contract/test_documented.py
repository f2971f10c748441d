"""Settings, problem codes and scripts are each documented: nothing is missing, and nothing is there that is not so."""

from __future__ import annotations

import html
import re
import sys
import tomllib
from runpy import run_module
from typing import TYPE_CHECKING

import pytest

from app import __version__
from app.settings import Settings
from app.web.http_errors import every_error, status_of
from devtools import settings_docs
from devtools.databases import ROOT

if TYPE_CHECKING:
    from app.errors import BooksError
    from tests.support.client import Client

ERRORS: list[type[BooksError]] = sorted(every_error(), key=lambda error: error.code)
SCRIPTS = sorted(file.stem for file in (ROOT / "scripts").glob("*.py") if "def main(" in file.read_text())


class TestSettings:
    def test_are_in_the_docs_and_in_the_example_as_they_describe_themselves(self) -> None:
        settings_docs.main(["--check"])

    @pytest.mark.parametrize("file", ["docs/settings.md", ".env.example"])
    def test_a_description_that_changed_is_noticed(self, monkeypatch: pytest.MonkeyPatch, file: str) -> None:
        monkeypatch.setattr(Settings.model_fields["port"], "description", "The port.")
        with pytest.raises(SystemExit, match=file):
            settings_docs.main(["--check"])

    @pytest.mark.parametrize("name", Settings.model_fields)
    def test_describes_itself(self, name: str) -> None:
        assert Settings.model_fields[name].description


class TestProblems:
    def test_codes_differ(self) -> None:
        assert len({error.code for error in ERRORS}) == len(ERRORS)

    @pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
    def test_is_on_the_page_that_its_type_leads_to(self, client: Client, error: type[BooksError]) -> None:
        page = client.get("/docs/errors").text
        section = re.search(rf'<section id="{error.code}">(.*?)</section>', page, re.DOTALL)
        assert section
        section_text = html.unescape(re.sub(r"</?code>", "`", section[1]))
        assert str(status_of(error)) in section_text
        for part in (error.title, error.message, error.remedy):
            assert part in section_text

    def test_the_page_has_no_other(self, client: Client) -> None:
        page = client.get("/docs/errors").text
        assert sorted(re.findall(r'<section id="(\w+)">', page)) == sorted(error.code for error in every_error())


class TestScripts:
    @pytest.mark.parametrize("script", SCRIPTS)
    def test_explains_itself(
        self, script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("sys.argv", [script, "--help"])
        monkeypatch.delitem(sys.modules, f"scripts.{script}", raising=False)  # runpy warns of what was imported before
        with pytest.raises(SystemExit) as stopped:
            run_module(f"scripts.{script}", run_name="__main__")
        output = capsys.readouterr()
        assert (stopped.value.code, output.err) == (0, "")
        assert f"usage: python -m scripts.{script}" in output.out

    @pytest.mark.parametrize("script", SCRIPTS)
    def test_is_in_the_readme(self, script: str) -> None:
        assert f"scripts.{script}" in (ROOT / "README.md").read_text()


class TestVersion:
    def test_is_that_of_the_newest_release_in_the_changelog(self) -> None:
        releases = re.findall(r"^## (\d\S*) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
        assert releases[0] == __version__

    def test_is_that_of_the_openapi_document(self, client: Client) -> None:
        assert client.get("/openapi.json").json()["info"]["version"] == __version__

    def test_is_set_in_one_place(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        assert (project.get("version"), project["dynamic"]) == (None, ["version"])
