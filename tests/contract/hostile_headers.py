"""Hostile tokens, methods and headers."""

from __future__ import annotations

AUTHORIZATIONS = [
    *(b"", b"Bearer", b"Bearer null", b"Bearer undefined", b"Bearer a", b"Bearer a.b.c"),
    *(b"Bearer ..", b"Bearer ....", b"Bearer .", b"Bearer a b c", b"Bearer,Bearer", b"Basic YWxpY2U6eA==", b"Basic"),
    *(b"Digest username=alice", b"Token abc", b"bearer: abc", b'Bearer "quoted"', b"Bearer \xff\xfe", b"\xff\xfe"),
    *("Bearer ٣".encode(), b"Bearer " + b"A" * 6000, b"Bearer " + b"." * 3000, b"Bearer " + b"A." * 3000, b"Bearer {}"),
    b"Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.",  # {"alg": "none"}
    b"Bearer eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.AAAA",
    b"Bearer bm90IGpzb24.bm90IGpzb24.AAAA",
    b"Bearer W10.W10.AAAA",  # a list for a header
    b"Bearer MQ.MQ.AAAA",  # a number
    b"Bearer eyJhbGciOltdfQ.e30.AAAA",  # {"alg": []}
    b"Bearer eyJhbGciOiJIUzI1NiIsImNyaXQiOlsieCJdfQ.e30.AAAA",  # {"crit": ["x"]}
    b"Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA",  # {"alg": "RS256"}
    b"Bearer eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAA.AAAA.AAAA",  # an encrypted one
]

TAGS = [
    "",
    "*",
    '"',
    '""',
    '"a',
    "a",
    "W/",
    'W/"a"',
    'w/"a"',
    ",",
    ",,,",
    '"a", "b"',
    '"a" "b"',
    "\xff",
    '"' + "a" * 6000,
]
OTHER_HEADERS = [
    *(("Accept", value) for value in ("", "*", "text/html;q=x", "a/b;q=2, */*;q=-1", "\xff", "," * 3000, "/", ";q=1")),
    *(("Accept-Language", value) for value in ("\xff", ",;q=", "x" * 3000)),
    *(("Accept-Encoding", value) for value in ("gzip", "\xff", ";q=")),
    *(("Range", value) for value in ("bytes=0-1", "bytes=-", "bytes=9-1", "x" * 3000)),
    *(("Cookie", value) for value in ("\xff", "=;=;=", "session=" + "x" * 6000)),
    *(("X-Request-ID", value) for value in ("", "\xff", "a b", "x" * 5000, '"')),
    *(("X-Forwarded-Host", value) for value in ("evil.test", "\xff")),
    *(("X-Forwarded-For", value) for value in ("evil", "\xff")),
    *(("X-HTTP-Method-Override", value) for value in ("DELETE", "\xff")),
    *(("Date", value) for value in ("never",)),
    *(("If-Modified-Since", value) for value in ("never", "\xff", "Mon, 99 Foo 0000 99:99:99 GMT")),
    *(("Origin", value) for value in ("null", "\xff", "http://evil.test")),
    *(("Upgrade", value) for value in ("websocket", "h2c")),
]
METHODS = ["FOO", "PROPFIND", "TRACE", "QUERY", "PURGE", "LINK", "X" * 200]
HOSTS = [
    *(
        b"",
        b" ",
        b"books",
        b"books:0",
        b"books:99999",
        b"books:port",
        b"[::1]",
        b"[::1",
        b"a b",
        b"a/b",
        b"a@b",
        b"<b>",
    ),
    *(b'a>; rel="x"', b"\xff", b"%00", b"a?b", b"a#b", b"..", b"a" * 3000, b"xn--\xc3\xbc", b"a,b", b"a\\b", b"a:b:c"),
]
