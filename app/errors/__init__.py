"""The errors of the domain. They know nothing of HTTP: `app.web.problems` maps each to a status.

BooksError
    Invalid   (requests.py)
        InvalidRequest
        MalformedJson
        AuthorMissing
        GenreMissing
        TooManyNewGenres
        InvalidIsbn
        InvalidCursor
        UnreadableFile
    Unauthenticated   (access.py)
        TokenMissing
        TokenInvalid
        BadCredentials
        RefreshTokenInvalid
        ResetInvalid
    Forbidden   (access.py)
        NotOwner
        NotAdmin
        RoleLost
        InsufficientScope
        PersonRequired
        QuotaReached
    NotFound   (records.py)
        PathNotFound
        BookNotFound
        AuthorNotFound
        UserNotFound
        SessionNotFound
        KeyNotFound
    Conflict   (records.py)
        IsbnTaken
        AuthorHasBooks
        GenreExists
        IdTaken
        UsernameTaken
        LastAdmin
        TooManyKeys
    VersionMismatch   (records.py)
    TooManyRequests   (availability.py)
    Unavailable   (availability.py)
        DatabaseUnavailable
            DatabaseBusy
            QueryTooSlow
        DatabaseOutdated
        LimitsUnavailable
        HashingBusy
"""

from app.errors.access import (
    BadCredentials,
    Forbidden,
    InsufficientScope,
    NotAdmin,
    NotOwner,
    PersonRequired,
    QuotaReached,
    RefreshTokenInvalid,
    ResetInvalid,
    RoleLost,
    TokenInvalid,
    TokenMissing,
    Unauthenticated,
)
from app.errors.availability import (
    DatabaseBusy,
    DatabaseOutdated,
    DatabaseUnavailable,
    HashingBusy,
    LimitsUnavailable,
    QueryTooSlow,
    TooManyRequests,
    Unavailable,
)
from app.errors.base import BooksError, Fault
from app.errors.records import (
    AuthorHasBooks,
    AuthorNotFound,
    BookNotFound,
    Conflict,
    GenreExists,
    IdTaken,
    IsbnTaken,
    KeyNotFound,
    LastAdmin,
    NotFound,
    PathNotFound,
    SessionNotFound,
    TooManyKeys,
    UsernameTaken,
    UserNotFound,
    VersionMismatch,
)
from app.errors.requests import (
    AuthorMissing,
    GenreMissing,
    Invalid,
    InvalidCursor,
    InvalidIsbn,
    InvalidRequest,
    MalformedJson,
    TooManyNewGenres,
    UnreadableFile,
)

__all__ = [
    "AuthorHasBooks",
    "AuthorMissing",
    "AuthorNotFound",
    "BadCredentials",
    "BookNotFound",
    "BooksError",
    "Conflict",
    "DatabaseBusy",
    "DatabaseOutdated",
    "DatabaseUnavailable",
    "Fault",
    "Forbidden",
    "GenreExists",
    "GenreMissing",
    "HashingBusy",
    "IdTaken",
    "InsufficientScope",
    "Invalid",
    "InvalidCursor",
    "InvalidIsbn",
    "InvalidRequest",
    "IsbnTaken",
    "KeyNotFound",
    "LastAdmin",
    "LimitsUnavailable",
    "MalformedJson",
    "NotAdmin",
    "NotFound",
    "NotOwner",
    "PathNotFound",
    "PersonRequired",
    "QueryTooSlow",
    "QuotaReached",
    "RefreshTokenInvalid",
    "ResetInvalid",
    "RoleLost",
    "SessionNotFound",
    "TokenInvalid",
    "TokenMissing",
    "TooManyKeys",
    "TooManyNewGenres",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "UnreadableFile",
    "UserNotFound",
    "UsernameTaken",
    "VersionMismatch",
]
