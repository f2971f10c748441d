"""Hostile paths and queries."""

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

NOT_UTF8 = {"%FF", "%C3", "%ED%A0%80"}
"""Those of them that no address can be made of."""

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
    *("%FF=%FF", "=1", "=", "field=id", "a" * 4000, "&".join(f"name{number}=1" for number in range(800))),
]
"""Of which none is right."""
TEXTS = [
    *("%00", "a%00b", "%F0%9F%93%9A", "%C2%AD", "%CC%81", "%EF%BF%BE"),
    *("'", "''", "%22", "%22a", "a%22", "%5C", "%5C%5C'", "%25", "%25%25", "_", "*", "a*", "*a", "()", "(", ")", "((("),
    *("AND", "OR", "NOT", "NEAR", "AND%20OR", "a%20AND%20", "NOT%20a", "a%20NEAR/2%20b", "NEAR(a%20b)", "title:a"),
    *("{title}:a", "-a", "%2Ba", "^a", "a%20%26%20b", "a|b", "!a", "a:*", "a:b", "<->", "a%3C-%3Eb", ":A", "a;DROP"),
    *("9780141439587", "978-0-14-143958-7", "0141439580", "978014143958X", "9780141439588", "X", "9" * 13, "-"),
    *(
        "a" * 3000,
        "a%20" * 1000,
        "-".join("a" * 1500),
        ".".join("ab" * 700),
        "%E6%B5%B7" * 500,
        "%CC%81" * 500,
        "%EF%B7%BA" * 300,
        "a'b%20" * 400,
        "1" * 3000,
    ),
    *("%27%20OR%201=1--", "%D8%A7%D9%84", "%E0%A4%B9%E0%A4%BF", "%F0%9E%A4%80", "%E2%80%AE", "%01"),
]
"""To search for. All are right; most find nothing."""
NO_TEXTS = ["", "%20", "%0A", "%09%0D", "%E2%80%8B", "%FF", "%ED%A0%80", "%", "%zz", "a" * 10_001, "a%20" * 10_000]
FILTERS = [
    *(
        f"sort={name}"
        for name in ("", "ID", "ids", "--id", "%2Bid", "id,title", "-", "title%00", "%FF", "document", "a" * 999)
    ),
    *("sort=id&sort=id", "sort", "sort[]=id", "sort=name%20", "sort=title_key", "sort=published_year;"),
    *(
        f"fields={names}"
        for names in ("", ",", "id,", ",id", "id,,title", "%20id", "ID", "document", "name%00", "*", "id;title")
    ),
    *("fields=id&fields=id", "fields=" + "id," * 400 + "id", "fields=%FF", "fields", "fields[]=id"),
    *(
        f"updated_since={moment}"
        for moment in (
            *(
                "",
                "now",
                "0",
                "1700000000",
                "2026",
                "2026-11",
                "2026-11-22",
                "2026-11-22T10:00:00",
                "10:00:00Z",
                "T",
                "Z",
            ),
            *("2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T10:00:00%2B99:00"),
            *("-2026-11-22T10:00:00Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "%00", "%FF", "9" * 400),
            *("%D9%A2026-11-22T10:00:00Z", "2026-11-22T10:00:00ZZ", "2026-11-22T10:00:00Z%00"),
        )
    ),
    *("q=a&q=b", "q[]=a", "q%00=a"),
]
"""Of which none is right, for books or for authors."""
FILTERS_OF_BOOKS = [
    *(f"role={code}" for code in ("", "AUT", "au", "autt", "zzz", "%00", "%FF", "author", "aut,trl", "1", "a" * 999)),
    *(f"language={tag}" for tag in ("", "zzz", "english", "en-", "-en", "e", "%00", "%FF", "*", "en,fr", "a" * 999)),
    *(f"{name}={number}" for name in ("author_id", "created_by") for number in NUMBERS if number != "201"),
    *(
        f"published_{end}={year}"
        for end in ("from", "to")
        for year in ("", "-5001", "10000", "1.5", "BCE", "%2B1", "%00")
    ),
    *("role=aut&role=aut", "language=en&language=en", "publisher=a&publisher=a", "series=a&series=a"),
    *("published_from=1&published_from=1", "genre=" + "a" * 201, "&".join(["genre=a"] * 21), "genre[]=a", "author=1"),
    *("publisher=" + "a" * 501, "series=" + "a" * 1001, "title=Emma", "year=1815"),
    *("isbn=9780141439588", "id=0", "id=1.0", "missing=title", "identifier=297", "sort=series_position"),
]
FILTERS_THAT_FIND = [
    *(f"{name}={text}" for name in ("genre", "publisher", "series") for text in TEXTS[::3] if len(text) < 200),
    *("genre=%00", "publisher=%00", "series=a%00b"),
    *("genre=a&genre=a", "genre=a&genre=A&genre=%20a", "&".join(f"genre={number}" for number in range(20))),
    *("published_from=-5000&published_to=9999", "published_from=2000&published_to=1000", "published_to=-0"),
    *("language=en_us", "language=eng", "language=EN-us", "language=zh-hant-tw", "language=%20en", "role=trl"),
    *(
        "updated_since=2026-11-22T10:00:00Z",
        "updated_since=2026-11-22T10:00:00+02:00",
        "updated_since=2026-11-22t10:00:00z",
    ),
    *("updated_since=0001-01-01T00:00:00Z", "updated_since=9999-12-31T23:59:59.999999Z"),
    *("updated_since=0001-01-01T00:00:00%2B23:59", "updated_since=9999-12-31T23:59:59-23:59"),
    *(
        "fields=id",
        "fields=title,id",
        "fields=id,id",
        "author_id=9223372036854775807",
        "created_by=9223372036854775807",
    ),
    (
        "q=a&genre=b&author_id=1&role=aut&language=en&publisher=c&series=d&published_from=1&published_to=2&created_by=1"
        "&updated_since=2020-01-01T00:00:00Z&sort=-published_year&fields=id&limit=1&count=exact"
    ),
]
"""Right, or nearly: they may find nothing, or be refused, and do no harm."""
ISBNS = [
    *(number for number in IDS if "/" not in number and not number.endswith(".")),
    *("9780141439588", "978014143958", "97801414395870", "014143958X", "0141439581", "9790000000000", "978", "X" * 13),
    *("978-0-14-143958-8", "978%200%2014%20143958%208", "ISBN9780141439588", "urn:isbn:9780141439588", "---", "%2D"),
    *("0" * 10, "0" * 13, "%D9%A9%D9%A7%D9%A8", "%EF%BC%99" * 13, "9780141439587" * 100, "9780141439587%00"),
]
"""Of which none is an ISBN."""
ODD_BUT_RIGHT = [
    *("", "&", "&&&", "limit=200", "count=exact", "limit=1&", "&limit=1"),
    "limit=01",
]
