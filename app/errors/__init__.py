"""The errors of the domain. They know nothing of HTTP: `app.web.problems` maps each to a status.

BooksError
    Invalid   (requests.py)
        InvalidRequest
        MalformedJson
        AuthorMissing
        InvalidIsbn
        InvalidCursor
        UnreadableFile
    Unauthenticated   (access.py)
        TokenMissing
        TokenInvalid
        BadCredentials
        RefreshTokenInvalid
        ResetInvalid
        SignInRefused
    Forbidden   (access.py)
        NotOwner
        NotAdmin
        RoleLost
        InsufficientScope
        PersonRequired
        SignInDisabled
        IdentityUnknown
        RecentSignInRequired
    NotFound   (records.py)
        PathNotFound
        BookNotFound
        AuthorNotFound
        UserNotFound
        SessionNotFound
        KeyNotFound
        IdentityNotFound
    Conflict   (records.py)
        IsbnTaken
        AuthorHasBooks
        IdTaken
        UsernameTaken
        IdentityTaken
        LastIdentity
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
        ProviderUnavailable
"""

from app.errors.access import (
    BadCredentials,
    Forbidden,
    IdentityUnknown,
    InsufficientScope,
    NotAdmin,
    NotOwner,
    PersonRequired,
    RecentSignInRequired,
    RefreshTokenInvalid,
    ResetInvalid,
    RoleLost,
    SignInDisabled,
    SignInRefused,
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
    ProviderUnavailable,
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
    IdentityNotFound,
    IdentityTaken,
    IdTaken,
    IsbnTaken,
    KeyNotFound,
    LastAdmin,
    LastIdentity,
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
    Invalid,
    InvalidCursor,
    InvalidIsbn,
    InvalidRequest,
    MalformedJson,
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
    "HashingBusy",
    "IdTaken",
    "IdentityNotFound",
    "IdentityTaken",
    "IdentityUnknown",
    "InsufficientScope",
    "Invalid",
    "InvalidCursor",
    "InvalidIsbn",
    "InvalidRequest",
    "IsbnTaken",
    "KeyNotFound",
    "LastAdmin",
    "LastIdentity",
    "LimitsUnavailable",
    "MalformedJson",
    "NotAdmin",
    "NotFound",
    "NotOwner",
    "PathNotFound",
    "PersonRequired",
    "ProviderUnavailable",
    "QueryTooSlow",
    "RecentSignInRequired",
    "RefreshTokenInvalid",
    "ResetInvalid",
    "RoleLost",
    "SessionNotFound",
    "SignInDisabled",
    "SignInRefused",
    "TokenInvalid",
    "TokenMissing",
    "TooManyKeys",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "UnreadableFile",
    "UserNotFound",
    "UsernameTaken",
    "VersionMismatch",
]
