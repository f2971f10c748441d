"""The worst single requests that are known."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING
from urllib.parse import quote

from app.schemas.base import SmallBody
from devtools.hostile_files import hostile_files

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL, WHOLE = SmallBody.at_most, 1024 * 1024
"""The most bytes that a body of credentials and any other may have."""
PAIR = "\u0301\u0323"
"""Combining marks in the order that takes longest to sort (Unicode, section 3.11, canonical ordering)."""
MARKS = "a" + PAIR * 4_990
FILE = 300_000
"""Bytes of a file; bombs are as large as they are."""
NEWEST_BATCH = "/batches/{newest}/undo"
MAPPED = b"title,author,column0\n" + b"T,A,9780141439587\n" * 20_000


@dataclass(frozen=True)
class Attack:
    """One request."""

    name: str
    sender: str
    method: str
    path: str
    body: bytes = b""
    is_file: bool = False
    """Whether its cost is in proportion to a file that it sends or receives, which may be of any size."""


def attacks() -> Iterator[Attack]:
    """The worst requests that are known."""
    for path in ("/auth/login", "/register", "/auth/refresh", "/auth/password-reset"):
        yield Attack("unknown fields", "anonymous", "POST", path, _unknown(SMALL))
        yield Attack("a body that is too large", "anonymous", "POST", path, _unknown(WHOLE))
    for path in ("/auth/login", "/register"):
        yield Attack("a name of marks", "anonymous", "POST", path, _json(username=MARKS[:4_000], password="x" * 20))
        yield Attack("a long name", "anonymous", "POST", path, _json(username="ﷺ" * 2_600, password="x" * 20))
    yield Attack("nested arrays", "anonymous", "POST", "/auth/login", b"[" * SMALL)
    for name in ("q", "genre", "publisher", "series", "language", "cursor", "fields", "sort"):
        yield Attack("a query of marks", "anonymous", "GET", f"/books?{name}=a{quote(PAIR * 2_490)}")
        yield Attack("a long query", "anonymous", "GET", f"/books?{name}={quote('ﷺ ' * 6_000)[:60_000]}")
    yield Attack("an author's name of marks", "anonymous", "GET", f"/authors?q=a{quote(PAIR * 2_490)}")
    yield Attack("many genres", "anonymous", "GET", "/books?" + "&".join(f"genre={n}" for n in range(5_000)))
    yield Attack("many parameters", "anonymous", "GET", "/books?" + "&".join(f"p{n}=1" for n in range(8_000)))
    yield Attack("a long ISBN", "anonymous", "GET", "/books/isbn/" + "9" * 60_000)
    yield from _reads()
    yield Attack("unknown fields", "member", "POST", "/books", _unknown(WHOLE))
    for kind, name, wrong in (
        ("wrong genres", "genres", 1),
        ("blank genres", "genres", ""),
        ("wrong contributors", "contributors", {}),
    ):
        body = _json(title="x", author_id=1, **{name: [wrong] * ((WHOLE - 100) // len(_json(x=wrong)) * 2)})[:WHOLE]
        yield Attack(kind, "member", "POST", "/books", body.rpartition(b",")[0] + b"]}")
    for fields in (30, 60):
        wrongs = [{f"unknown {n}": 1 for n in range(fields)}] * 1_000
        yield Attack(f"{fields} wrong fields in each", "member", "POST", "/books/batch", _json(books=wrongs))
        yield Attack(
            f"{fields} wrong fields, atomic", "member", "POST", "/books/batch?atomic=true", _json(books=wrongs)
        )
    yield Attack("a title of marks", "member", "POST", "/books", _json(title=MARKS, author_id=1))
    yield Attack("a description of marks", "member", "POST", "/books", _json(title="x", author_id=1, description=MARKS))
    yield Attack("a genre of marks", "member", "POST", "/books", _json(title="x", author_id=1, genres=[MARKS]))
    shared = [f"shared {n}" for n in range(85)]
    alike = [{"title": f"Book {n}", "author_id": 1, "genres": shared} for n in range(90)]
    yield Attack("many genres in each", "member", "POST", "/books/batch", _json(books=alike))
    many = [{"title": f"The river of the garden {n}", "author_id": 1 + n % 5} for n in range(1_000)]
    yield Attack("a thousand books", "member", "POST", "/books/batch", _json(books=many))
    yield Attack("that batch", "member", "POST", NEWEST_BATCH)
    yield Attack("random words", "member", "POST", "/books/batch", _json(books=list(_random_books(90))))
    genres = [[f"new {os.urandom(8).hex()}" for _ in range(5)] for _ in range(1_000)]
    new = [{"title": f"Book {n}", "author_id": 1, "genres": some} for n, some in enumerate(genres)]
    yield Attack("a thousand books with new genres", "member", "POST", "/books/batch", _json(books=new))
    yield Attack("that batch", "member", "POST", NEWEST_BATCH)
    for _ in range(8):
        yield Attack("books at all limits", "member", "POST", "/books/batch", _json(books=[_largest_book()] * 4))
    for sort in ("-id", "-title"):
        yield Attack("books at all limits", "anonymous", "GET", f"/books?limit=200&sort={sort}")
    yield from _alike()
    aliases = [MARKS[:1_000] + str(n) for n in range(50)]
    yield Attack("aliases of marks", "member", "POST", "/authors", _json(name=os.urandom(8).hex(), aliases=aliases))
    aliases = [f"{'Ǆ ' * 120}{n}" for n in range(50)]
    yield Attack("long aliases", "member", "POST", "/authors", _json(name=os.urandom(8).hex(), aliases=aliases))
    yield Attack("a long address", "admin", "POST", "/webhooks", _json(url="https://a.example/" + "a" * 1_900))
    for one in hostile_files(FILE):
        yield Attack(
            f"a file: {one.name}", "member", "POST", f"/imports?format={one.format}", one.content, is_file=True
        )
    mapped = "&".join(f"map=isbn=column{n}" for n in range(100))
    yield Attack("a file: mapped columns", "member", "POST", f"/imports?format=csv&{mapped}", MAPPED, is_file=True)


def _reads() -> Iterator[Attack]:
    """Reads of anonymous clients."""
    for path in ("/genres", "/series", "/publishers", "/languages"):
        yield Attack("a query of marks", "anonymous", "GET", f"{path}?q=a{quote(PAIR * 2_490)}")
        yield Attack("everything", "anonymous", "GET", f"{path}?limit=200&count=exact")
    words = quote(" ".join(f"w{n}" for n in range(800)))
    for path in ("/books", "/authors", "/genres"):
        yield Attack("many words", "anonymous", "GET", f"{path}?q={words}")
    letters = quote(" ".join(map(chr, range(ord("a"), ord("z") + 1))))
    yield Attack("every letter", "anonymous", "GET", f"/books?q={letters}&count=exact&limit=200")
    yield Attack("facets of every letter", "anonymous", "GET", f"/genres?q={letters}&limit=200")
    for name, values in (("id", range(1, 201)), ("isbn", (f"978{n:09}{_check(n)}" for n in range(200)))):
        yield Attack("many values", "anonymous", "GET", "/books?limit=200&" + "&".join(f"{name}={n}" for n in values))
    yield Attack("too many ids", "anonymous", "GET", "/books?" + "&".join(f"id={n}" for n in range(8_000)))
    for value in ("oclc:" + "9" * 30, "other:" + "ﷺ" * 80, "oclc:" + "0" * 60_000):
        yield Attack("an identifier", "anonymous", "GET", f"/books?identifier={quote(value)}")
    yield Attack("the history of a book", "anonymous", "GET", "/books/1/history?limit=200")
    yield Attack("the changes", "anonymous", "GET", "/changes?limit=200")
    for form in ("jsonl", "csv", "marc", "marcxml", "bibtex", "ris", "csl-json"):
        yield Attack("an export", "anonymous", "GET", f"/export?format={form}", is_file=True)


def _alike() -> Iterator[Attack]:
    """Searches and filters among words and genres that are alike."""
    yield Attack("words that are alike", "member", "POST", "/books/batch", _json(books=list(_books_of_words_alike())))
    near = quote(" ".join(f"w{n}" for n in range(900, 932)))
    for filters in ("", "sort=title&", "count=exact&", "genre=large&"):
        yield Attack("words like many others", "anonymous", "GET", f"/books?{filters}q={near}")
    for path in ("/authors?", "/genres?"):
        yield Attack("words like many others", "anonymous", "GET", f"{path}q={near}")
    yield Attack("genres that are alike", "member", "POST", "/books/batch", _json(books=list(_books_of_genres_alike())))
    for path in ("", "&count=exact&sort=title", "&q=book"):
        yield Attack("genres that are alike", "anonymous", "GET", f"/books?genre=aaaaa{path}")


def _check(number: int) -> int:
    """The check digit of an ISBN that begins with 978 and this number."""
    digits = [int(digit) for digit in f"978{number:09}"]
    return -sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10


def _random_books(number: int) -> Iterator[dict[str, object]]:
    """Books of words that no other book has."""

    def letters() -> str:
        return os.urandom(20).hex().translate(str.maketrans("0123456789", "ghijklmnop"))

    for _ in range(number):
        yield {
            "title": f"{letters()} {letters()}",
            "author_id": 1,
            "genres": [letters() + letters() for _ in range(85)],
        }


def _books_of_words_alike() -> Iterator[dict[str, object]]:
    """Books of words that are one typo apart from each other and from `w900` to `w931`, as many as there are."""
    ends = "0123456789abcdefghijklmnopqrstuvwxyz"
    of_four = [f"w{a}{b}{c}" for a in "0123456789" for b in "0123456789abcdef" for c in ends]
    for start in range(0, len(of_four), 36):
        yield {"title": " ".join(of_four[start : start + 36]), "author_id": 1}


def _books_of_genres_alike() -> Iterator[dict[str, object]]:
    """Books of which each has a genre of its own, whose name differs from those of the others only in accents."""
    for number, letters in enumerate(islice(product("aáàâä", repeat=5), 1_000)):
        yield {"title": f"Book {number}", "author_id": 1, "genres": ["".join(letters)]}


def _largest_book() -> dict[str, object]:
    people = [{"name": f"{os.urandom(4).hex()} {'猫' * 240}", "role": "aut"} for _ in range(200)]
    links = [{"rel": "read", "href": f"https://a.example/{n}/{'a' * 1_900}"} for n in range(20)]
    return {
        "title": os.urandom(200).hex(),
        "contributors": people,
        "links": links,
        "genres": ["Large"],
        "description": "猫" * 9_900,
    }


def _unknown(size: int) -> bytes:
    fields = ",".join(f'"{n}":1' for n in range(200_000))
    return ("{" + fields[: size - 2].rpartition(",")[0] + "}").encode()


def _json(**body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
