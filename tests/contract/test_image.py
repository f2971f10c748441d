"""What the container image gets, and as whom it runs."""

from __future__ import annotations

from devtools.databases import ROOT

DOCKERFILE = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line[:1].isupper()]
TAKEN = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]


class TestImage:
    def test_takes_what_is_named_and_nothing_else(self) -> None:
        assert TAKEN[0] == "*"
        assert {line for line in TAKEN[1:] if line.startswith("!")} == {
            "!alembic/",
            "!alembic.ini",
            "!app/",
            "!requirements-prod.txt",
            "!run.py",
            "!scripts/",
        }

    def test_takes_no_repository_and_no_secret(self) -> None:
        taken = [line.lstrip("!").rstrip("/") for line in TAKEN if line.startswith("!")]
        assert [path for path in taken if path.startswith((".git", ".env", "instance"))] == []

    def test_runs_as_an_ordinary_user(self) -> None:
        """The last USER counts. An id and not a name, so that Kubernetes sees that it is not root."""
        assert [user for instruction, user, *_ in DOCKERFILE if instruction == "USER"][-1] == "10001"

    def test_has_no_secret_within(self) -> None:
        named = " ".join(" ".join(words) for words in DOCKERFILE if words[0] in {"ENV", "ARG"})
        assert "SECRET" not in named
        assert "PASSWORD" not in named
