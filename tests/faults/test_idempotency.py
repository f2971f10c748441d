"""A worker is killed between the commit of a write and its response: the retry gets the response that was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from devtools.databases import ROOT
from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client import Client

pytestmark = pytest.mark.slow

KEY = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}
RUN_UNTIL_FILE_EXISTS = """
import os, runpy, signal, sys

sys.path.insert(0, os.environ["BOOKS_ROOT"])
from app.web import write_transaction

remove_unused = write_transaction.remove_unused

def die_if_told(*arguments):  # right after the commit
    if os.path.exists(os.environ["DIES_IF"]):
        os.unlink(os.environ["DIES_IF"])
        os.kill(os.getpid(), signal.SIGKILL)
    remove_unused(*arguments)

write_transaction.remove_unused = die_if_told
runpy.run_path(os.environ["BOOKS_ROOT"] + "/run.py", run_name="__main__")
"""
"""`run.py`, whose workers are forked from it, so that they have what is replaced here."""


def retried(member: Client, path: str, body: dict[str, Any]) -> httpx.Response:
    """The first response to a request that is sent again until it is answered."""
    answers: list[httpx.Response] = []

    def is_answered() -> bool:
        try:
            answers.append(member.post(path, json=body, headers=KEY))
        except httpx.TransportError:
            return False
        return True

    wait_until(is_answered, within=60)
    return answers[0]


class TestKilledAfterTheCommit:
    def test_leaves_the_response_for_the_retry(self, own_url: str, tmp_path: Path) -> None:
        (tmp_path / "run.py").write_text(RUN_UNTIL_FILE_EXISTS)
        signal = tmp_path / "die"
        settings = {"pythonpath": tmp_path, "books_root": ROOT, "dies_if": signal}
        with serving(migrated(own_url), tmp_path, workers=2, **settings) as served:
            member = served.member()
            author_id = Factory(member).author(member)["id"]
            book = {"title": "Emma", "author_id": author_id}
            signal.touch()
            with pytest.raises(httpx.TransportError):
                member.post("/books", json=book, headers=KEY)
            wait_until(lambda: len(served.logged("worker_died")) == 1)
            again = retried(member, "/books", book)
            assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
            listed = member.get("/books", params={"author_id": author_id}).json()
            assert [(book["id"], book["title"]) for book in listed] == [(again.json()["id"], "Emma")]
            read = member.get(again.headers["Location"])
            assert read.headers["ETag"] == again.headers["ETag"]
