"""Hostile request bodies, the operations that receive them, and values for their fields."""

from __future__ import annotations

import json
from dataclasses import dataclass

DEEP = 100_000
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Operation:
    """An operation that takes a body, and the fields of it, of which the first is a string."""

    method: str
    path: str
    fields: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


OF_A_BOOK = (
    *("title", "subtitle", "author_id", "contributors", "isbn", "published_year", "language", "publisher"),
    *("description", "pages", "series", "series_position", "cover_url", "genres"),
    *("sort_title", "published", "identifiers", "links", "call_number", "location"),
)
OF_AN_AUTHOR = ("name", "sort_name", "bio", "country", "birth_year", "death_year", "aliases", "identifiers")

OPERATIONS = [
    Operation("POST", "/books", (*OF_A_BOOK, "id")),
    Operation("PUT", "/books/1", ("title", "contributors", "genres")),  # what PATCH takes as well is tried there
    Operation("PATCH", "/books/1", OF_A_BOOK),
    Operation("POST", "/books/batch", ("books",)),
    Operation("POST", "/authors", (*OF_AN_AUTHOR, "id")),
    Operation("PUT", "/authors/1", ("name", "sort_name")),
    Operation("PATCH", "/authors/1", OF_AN_AUTHOR),
    Operation("POST", "/register", ("username", "password", "invitation")),
    Operation("POST", "/auth/login", ("username", "password")),
    Operation("POST", "/auth/refresh", ("refresh_token",)),
    Operation("POST", "/auth/password-reset", ("token", "new_password")),
    Operation("PUT", "/auth/password", ("current_password", "new_password")),
    Operation("POST", "/auth/keys", ("name", "scopes", "expires_at")),
    Operation("POST", "/auth/oidc/token", ("sign_in_code", "code_verifier", "code", "username", "invitation")),
    Operation("POST", "/auth/step-up", ("password", "code")),
    Operation("POST", "/auth/totp/confirm", ("code",)),
]

NOT_JSON = {
    "nothing": b"",
    "white space": b" \r\n\t",
    "an open brace": b"{",
    "a form": b"title=Emma&name=Emma",
    "single quotes": b"{'title': 'Emma'}",
    "a comma too many": b'{"title": "Emma",}',
    "a comment": b'{"title": "Emma"} // by Jane Austen',
    "two objects": b'{"title": "Emma"}{"title": "Emma"}',
    "a line break in a string": b'{"title": "Em\nma"}',
    "a NUL": b'{"title": "Em\0ma"}',
    "a NUL after the end": b'{"title": "Emma"}\0',
    "a lone surrogate": rb'{"title": "\ud800", "name": "\ud800", "username": "\ud800"}',
    "surrogates the wrong way round": rb'{"title": "\udc00\ud800", "name": "\udc00\ud800", "username": "\udc00\ud800"}',
    "a surrogate in a name": rb'{"\ud800": 1}',
    "half an escape": rb'{"title": "\u00"}',
    "Latin-1": b'{"title": "Les Mis\xe9rables"}',
    "an overlong sequence": b'{"title": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"title": "\xed\xa0\x80"}',
    "half a letter": b'{"title": "\xc3',
    "UTF-16": '{"title": "Emma"}'.encode("utf-16"),
    "UTF-32": '{"title": "Emma"}'.encode("utf-32"),
    "open lists without end": b"[" * DEEP,
    "lists within lists": b"[" * DEEP + b"]" * DEEP,
    "objects within objects": b'{"title":' * DEEP + b"1" + b"}" * DEEP,
    "lists within a field": b'{"genres":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "leading zeros": b'{"author_id": 007}',
    "a hexadecimal number": b'{"author_id": 0x10}',
    "a gzip file": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
}
NOT_AN_OBJECT = {
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a number without end": b"1" * 5000,
    "a fraction without end": b"0." + b"1" * 5000,
    "a string": b'"Emma"',
    "a list": b"[]",
    "a list of objects": b'[{"title": "Emma"}]',
    "NaN": b"NaN",
    "Infinity": b"-Infinity",
}
NOT_THE_RIGHT_OBJECT = {
    "an object with nothing in it": b"{}",
    "unknown names": b'{"__proto__": {}, "__class__": "x", "constructor": null, "": 1, "\\u0000": 1}',
    "thousands of names": json.dumps({f"name{number}": 1 for number in range(20_000)}).encode(),
    "a long name": b'{"' + b"n" * 900_000 + b'": 1}',
    "many wrong genres": b'{"genres": [' + b"1," * 50_000 + b"1]}",
}
TOO_LARGE = {
    "two MiB of spaces": b" " * 2 * MEBIBYTE,
    "two MiB of text": b'{"title": "' + b"x" * 2 * MEBIBYTE + b'"}',
    "two MiB of brackets": b"[" * 2 * MEBIBYTE,
}

ARABIC, FULL_WIDTH = 0x660, 0xFF10
ISBNS_IN_OTHER_DIGITS = ["".join(chr(zero + int(digit)) for digit in "9780141439587") for zero in (ARABIC, FULL_WIDTH)]

VALUES = [
    *("null", "true", "false", "0", "-0", "-1", "1.5", "1.0", "1e2", "1e400", "-1e400", "1e-400", "NaN", "Infinity"),
    *(str(2**31), str(2**53 + 1), str(2**63 - 1), str(2**63), str(2**64), "-" + str(2**63 + 1), "1" + "0" * 400),
    *(
        '""',
        '" "',
        '"\\t\\n"',
        '"0"',
        '"true"',
        '"null"',
        '"NaN"',
        r'"\u0000"',
        r'"a\u0000b"',
        r'"\u0001"',
        r'"\ud800"',
    ),
    *('"\u200b"', '"\u202e"', '"\ufeff"', '"\ufffe"', '"\U0010ffff"', '"\u0130"', '"ﷺ"', '"\u0958"', '"\u2028"'),
    *("[]", "{}", "[[]]", "[null]", "[1]", '[""]', '["x"]', '["\\u0000"]', '["\\ud800"]', '[{"a": 1}]', '{"a": []}'),
    json.dumps("x" * 10_001),
    json.dumps("ﷺ" * 500),
    json.dumps(["x"] * 101),
    json.dumps([str(number) for number in range(100)]),
    json.dumps("9" * 40),
    *(json.dumps(isbn) for isbn in ISBNS_IN_OTHER_DIGITS),
    *('"080442957X"', '"X"', '"978-"', '"-"', '"en_us"', '"zzz"', '"x-private"', '"en-' + "a-" * 25 + 'b"'),
    *('"http://"', '"https://a b"', '"http://[::1"', '"HTTPS://\u0130"', '"http://\\u0000"', '"javascript:alert(1)"'),
    *('[{"author_id": 1}]', '[{"author_id": 1}, {"author_id": 1}]', '[{"author_id": 1, "role": "zzz"}]'),
    *('[{"author_id": 1, "role": null}]', '[{"author_id": 9223372036854775807}]', '[{"author_id": 0}]'),
    *('[{"author_id": 1, "name": "\\ud800"}]', '[{"author_id": 1, "name": "Nobody"}]', '[{"role": "aut"}]'),
    json.dumps([{"author_id": number} for number in range(1, 202)]),
    '{"set": ' * 100 + "1" + "}" * 100,
]
"""As JSON, so that there can be numbers which no other program would write."""

ITEMS = [
    *VALUES,
    *('{"title": "Emma"}', '{"author_id": 1}', '{"title": null, "author_id": null}', '{"title": {}, "author_id": []}'),
    *('{"title": "Emma", "author_id": 1, "colour": "red"}', '{"title": "Emma", "author_id": 999999}', '{"": 1}'),
    *('{"title": "Emma", "author_id": 1, "id": 0}', '{"title": "Emma", "author_id": 1, "id": 9223372036854775807}'),
    *('{"title": "Emma", "author_id": 1, "id": 1}', '{"title": "Emma", "author_id": 1, "isbn": "9780141439588"}'),
    '{"title": "' + "x" * 100_000 + '", "author_id": 1}',
    '{"genres": ' + "[" * 200 + "]" * 200 + "}",
    '{"title": "Emma", "author_id": 1, "genres": ["' + '", "'.join(map(str, range(100))) + '"]}',
]
"""Of a batch."""

CONTENT_TYPES = [
    *("", ";", "/", "json", "text/json", "text/plain", "application/jsonx", "application/json-seq", "a/b/c", "*/*"),
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "application/xml"),
    *("application/json; charset=latin-1", "application/json; charset=utf-16", "application/merge-patch+xml"),
    *("application/json, application/json"),
    *("application/vnd.api+json", "application/problem+json", "application /json", "a" * 4000),
]
"""Of which none is JSON in UTF-8."""
