"""Addresses, queries, tokens, methods and headers that nobody would send in good faith."""

from __future__ import annotations

IDS = [
    *(
        "0",
        "-1",
        "+1",
        "01",
        "abc",
        "1.5",
        "1.0",
        "1e9",
        "1_0",
        "0x1",
        "NaN",
        "null",
        "-0",
        "1,2",
        "1;2",
        "*",
        "'",
        '"',
    ),
    *("9223372036854775807", "9223372036854775808", "99999999999999999999", "9" * 400),
    *(
        "%00",
        "1%00",
        "%001",
        "%0A",
        "1%0A",
        "%20",
        "1%20",
        "%201",
        "%",
        "%zz",
        "%25",
        "%2F",
        "1%2F",
        "%5C",
        "%FF",
        "%C3",
    ),
    *(
        "%D9%A3",
        "%EF%BC%91",
        "%E2%91%A0",
        "%ED%A0%80",
        "%F0%9F%93%9A",
        "../x",
        "..%2Fx",
        "%2e%2e",
        "1/",
        "1//",
    ),
    *("1/../2", "~", "<script>", "%3Cscript%3E", "1%27%20OR%201=1--", "{}", "[]", "a" * 4000),
]

NUMBERS = [
    *("", "0", "-1", "201", "1.5", "1e400", "1e1", "0x1", "1_0", "abc", "NaN", "Infinity", "true"),
    *("%00", "1%00", "%20", "%D9%A3", "%EF%BC%91", "%FF", "%ED%A0%80", "9" * 400, "9223372036854775808", "[]"),
]
"""For `limit` and `author_id`, of which none is right."""
CURSORS = [
    *("", "abc", "=", "====", "%00", "%FF", "%D9%A3", "null", "W10", "AAAAAAAAAAAAAAAAWzFd", "A" * 16, "A" * 1000),
    *("A" * 1001, "A" * 5000, "../..", "%2B%2F", "-_-_", "a%20b", "%0A"),
]
QUERIES = [
    *("limit=+1", "limit=%201", "limit=1%20", "limit=1.0"),
    *(f"limit={number}" for number in NUMBERS),
    *(f"cursor={cursor}" for cursor in CURSORS),
    *("count=", "count=exactly", "count=%00", "count=true", "limit", "cursor", "count", "limit=1&limit=2"),
    *("cursor=a&cursor=b", "count=exact&count=exact", "limit[]=1", "limit[0]=1", "LIMIT=1", "colour=red", "%00=1"),
    *("%FF=%FF", "=1", "=", "fields=id", "a" * 4000, "&".join(f"name{number}=1" for number in range(800))),
]
"""Of which none is right."""
ODD_BUT_RIGHT = [
    *("", "&", "&&&", "limit=200", "count=exact", "limit=1&", "&limit=1"),
    "limit=01",
]

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
METHODS = ["FOO", "PROPFIND", "TRACE", "PATCH", "PURGE", "LINK", "X" * 200]
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
