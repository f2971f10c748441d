"""Whether all services give the same answers: fields and values, before anything is measured.

Times are compared to the millisecond, which is what JavaScript's dates have. A search is not compared as a whole, since
each service has its own idea of what matches: the book that is sought must be found.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from bench.compare_rows import AUTHOR, BY_ID, FILTER, NESTED, PAGE

if TYPE_CHECKING:
    from bench.compare_rows import Requests
    from bench.compare_services import Running

EACH = 8
"""How many requests of each kind are compared."""
FULL = 50
"""A page that is full may lack the book."""
MOST_SHOWN = 12
ISBN = 900_000_000
"""The number of the ISBN of the first book that is created; measurements begin at 0."""
OF_THE_WRITE = {"id", "created_at", "updated_at", "created_by", "updated_by", "status", "message"}
"""Fields of a new book that differ between services, or that only ours has."""

Answers = dict[str, Any]
"""Each answer, by its request."""


class DifferentAnswersError(Exception):
    """A service does not do the same; the message says what differs."""


def answers_of(service: Running, requests: Requests, *, is_peer: bool, creates: bool) -> Answers:
    """What a service answers to some requests of each kind, and to some that create a book.

    Raises:
        DifferentAnswersError: it refuses one, or does not find a book.
    """
    answers: Answers = {}
    with httpx.Client(base_url=service.base, trust_env=False, timeout=300) as client:
        for row in (BY_ID, PAGE, FILTER, NESTED, AUTHOR):
            paths = requests.of(row, "same answers", is_peer=is_peer)[:EACH]
            answers |= {f"{row.name} ({number})": _read(client, path) for number, path in enumerate(paths, 1)}
        for text, book_id in requests.sought(EACH):
            found = _read(client, str(httpx.URL("/books", params={"q": text})))
            if len(found) < FULL and book_id not in [book["id"] for book in found]:
                msg = f"a search for {text!r} does not find book {book_id}"
                raise DifferentAnswersError(msg)
        if creates:
            for name, body in _new_books(requests).items():
                answers |= _created(client, service, name, body)
    return {name: _comparable(answer) for name, answer in answers.items()}


def _new_books(requests: Requests) -> dict[str, dict[str, Any]]:
    """The bodies of new books: as they are measured, with an article, and without optional fields."""
    usual, other = map(json.loads, requests.creates("same answers", 2, ISBN))
    return {
        "a new book": usual,
        "a new book with an article": other | {"title": f"The {other['title']}"},
        "a new book of few fields": {name: usual[name] for name in ("title", "contributors")},
    }


def _created(client: httpx.Client, service: Running, name: str, body: dict[str, Any]) -> Answers:
    """The answer to a request that creates a book, and the book when it is read, without what differs by service."""
    headers = {"Authorization": f"Bearer {service.token}"} if service.token else {}
    created = client.post("/books", json=body, headers=headers)
    if created.status_code != httpx.codes.CREATED:
        msg = f"POST /books: {created.status_code} {created.text[:500]}"
        raise DifferentAnswersError(msg)
    fields = created.json()
    found = {name: fields, f"{name}, read": _read(client, f"/books/{fields['id']}")}
    return {
        request: {field: value for field, value in book.items() if field not in OF_THE_WRITE}
        for request, book in found.items()
    }


def require_same(name: str, theirs: Answers, ours: Answers) -> None:
    """Check that a service answers as ours does.

    Raises:
        DifferentAnswersError: it does not.
    """
    found = [line for request, answer in ours.items() for line in differences(request, theirs[request], answer)]
    if found:
        more = [f"and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
        msg = "\n".join([f"{name} gives other answers than our service:", *found[:MOST_SHOWN], *more])
        raise DifferentAnswersError(msg)


def differences(where: str, theirs: Any, ours: Any) -> list[str]:  # noqa: ANN401  (any JSON)
    """Where two JSON values differ, each with the path to it."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        names = sorted(theirs.keys() | ours.keys())
        return [
            line
            for name in names
            for line in differences(f"{where}.{name}", theirs.get(name, "(missing)"), ours.get(name, "(missing)"))
        ]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        pairs = enumerate(zip(theirs, ours, strict=True))
        return [line for place, (one, other) in pairs for line in differences(f"{where}[{place}]", one, other)]
    return [] if theirs == ours else [f"{where}: {theirs!r} instead of {ours!r}"]


def _read(client: httpx.Client, path: str) -> Any:  # noqa: ANN401  (any JSON)
    reply = client.get(path)
    if reply.status_code != httpx.codes.OK:
        msg = f"GET {path}: {reply.status_code} {reply.text[:500]}"
        raise DifferentAnswersError(msg)
    return reply.json()


def _comparable(value: Any, name: str = "") -> Any:  # noqa: ANN401  (any JSON)
    """The value with its times cut to milliseconds, in UTC."""
    if isinstance(value, dict):
        return {key: _comparable(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [_comparable(part, name) for part in value]
    if name in {"created_at", "updated_at"}:
        moment = datetime.fromisoformat(value).astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000).isoformat()
    return value
