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
        SecondFactorRequired   (second_factor.py)
        SecondFactorInvalid
        ConfirmationRequired
        SignInRefused
    Forbidden   (access.py)
        NotOwner
        NotAdmin
        RoleLost
        InsufficientScope
        PersonRequired
        RegistrationClosed
        InvitationRequired
        InvitationInvalid
        SecondFactorMissing   (second_factor.py)
        QuotaReached
        WritingClosed
        SignInDisabled
        IdentityUnknown
    NotFound   (records.py)
        PathNotFound
        BookNotFound
            BookDeleted   (history.py)
        AuthorNotFound
            AuthorDeleted   (history.py)
        ChangeNotFound   (history.py)
        BatchNotFound   (history.py)
        VersionNotFound   (history.py)
        UserNotFound
        SessionNotFound
        KeyNotFound
        InvitationNotFound
        IdentityNotFound
        WebhookNotFound   (webhooks.py)
        DeliveryNotFound   (webhooks.py)
    Conflict   (records.py)
        IsbnTaken
        AuthorHasBooks
        GenreExists
        IdTaken
        IdempotencyKeyInUse
        UsernameConfusable
        UsernameTaken
        IdentityTaken
        LastIdentity
        LastAdmin
        TooManyKeys
        TooManyInvitations
        UndoConflict   (history.py)
        NothingToUndo   (history.py)
        SecondFactorOn   (second_factor.py)
        SecondFactorOff
        TooManyWebhooks   (webhooks.py)
        WebhookDisabled   (webhooks.py)
    VersionMismatch   (records.py)
    CursorExpired   (history.py)
    IdempotencyKeyReused   (requests.py)
    TooManyRequests   (availability.py)
    Unavailable   (availability.py)
        DatabaseUnavailable
            DatabaseBusy, DatabaseCorrupt, DatabaseFull, DatabaseMissing, DatabaseReadOnly, DatabaseReplaced,
            DatabaseSilent, QueryTooSlow
        DatabaseOutdated
            DatabaseMigrating, DatabaseNewer, MigrationInterrupted, RevisionUnknown, SchemaChanged
        LimitsUnavailable
        HashingBusy
        ProviderUnavailable
"""

from app.errors.access import (
    BadCredentials,
    Forbidden,
    IdentityUnknown,
    InsufficientScope,
    InvitationInvalid,
    InvitationRequired,
    NotAdmin,
    NotOwner,
    PersonRequired,
    QuotaReached,
    RefreshTokenInvalid,
    RegistrationClosed,
    ResetInvalid,
    RoleLost,
    SignInDisabled,
    SignInRefused,
    TokenInvalid,
    TokenMissing,
    Unauthenticated,
    WritingClosed,
)
from app.errors.availability import (
    DatabaseBusy,
    DatabaseCause,
    DatabaseCorrupt,
    DatabaseFull,
    DatabaseMigrating,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseOutdated,
    DatabaseReadOnly,
    DatabaseReplaced,
    DatabaseSilent,
    DatabaseUnavailable,
    HashingBusy,
    LimitsUnavailable,
    MigrationInterrupted,
    ProviderUnavailable,
    QueryTooSlow,
    RevisionUnknown,
    SchemaChanged,
    TooManyRequests,
    Unavailable,
)
from app.errors.base import BooksError, Fault
from app.errors.history import (
    AuthorDeleted,
    BatchNotFound,
    BookDeleted,
    ChangeNotFound,
    CursorExpired,
    NothingToUndo,
    TooManyFollowers,
    UndoConflict,
    VersionNotFound,
)
from app.errors.records import (
    AuthorHasBooks,
    AuthorNotFound,
    BookNotFound,
    Conflict,
    GenreExists,
    IdempotencyKeyInUse,
    IdentityNotFound,
    IdentityTaken,
    IdTaken,
    InvitationNotFound,
    IsbnTaken,
    KeyNotFound,
    LastAdmin,
    LastIdentity,
    NotFound,
    PathNotFound,
    SessionNotFound,
    TooManyInvitations,
    TooManyKeys,
    UsernameConfusable,
    UsernameTaken,
    UserNotFound,
    VersionMismatch,
)
from app.errors.requests import (
    AuthorMissing,
    GenreMissing,
    IdempotencyKeyReused,
    Invalid,
    InvalidCursor,
    InvalidIsbn,
    InvalidRequest,
    MalformedJson,
    TooManyNewGenres,
    UnreadableFile,
)
from app.errors.second_factor import (
    ConfirmationRequired,
    SecondFactorInvalid,
    SecondFactorMissing,
    SecondFactorOff,
    SecondFactorOn,
    SecondFactorRequired,
)
from app.errors.webhooks import DeliveryNotFound, TooManyWebhooks, WebhookDisabled, WebhookNotFound

__all__ = [
    "AuthorDeleted",
    "AuthorHasBooks",
    "AuthorMissing",
    "AuthorNotFound",
    "BadCredentials",
    "BatchNotFound",
    "BookDeleted",
    "BookNotFound",
    "BooksError",
    "ChangeNotFound",
    "ConfirmationRequired",
    "Conflict",
    "CursorExpired",
    "DatabaseBusy",
    "DatabaseCause",
    "DatabaseCorrupt",
    "DatabaseFull",
    "DatabaseMigrating",
    "DatabaseMissing",
    "DatabaseNewer",
    "DatabaseOutdated",
    "DatabaseReadOnly",
    "DatabaseReplaced",
    "DatabaseSilent",
    "DatabaseUnavailable",
    "DeliveryNotFound",
    "Fault",
    "Forbidden",
    "GenreExists",
    "GenreMissing",
    "HashingBusy",
    "IdTaken",
    "IdempotencyKeyInUse",
    "IdempotencyKeyReused",
    "IdentityNotFound",
    "IdentityTaken",
    "IdentityUnknown",
    "InsufficientScope",
    "Invalid",
    "InvalidCursor",
    "InvalidIsbn",
    "InvalidRequest",
    "InvitationInvalid",
    "InvitationNotFound",
    "InvitationRequired",
    "IsbnTaken",
    "KeyNotFound",
    "LastAdmin",
    "LastIdentity",
    "LimitsUnavailable",
    "MalformedJson",
    "MigrationInterrupted",
    "NotAdmin",
    "NotFound",
    "NotOwner",
    "NothingToUndo",
    "PathNotFound",
    "PersonRequired",
    "ProviderUnavailable",
    "QueryTooSlow",
    "QuotaReached",
    "RefreshTokenInvalid",
    "RegistrationClosed",
    "ResetInvalid",
    "RevisionUnknown",
    "RoleLost",
    "SchemaChanged",
    "SecondFactorInvalid",
    "SecondFactorMissing",
    "SecondFactorOff",
    "SecondFactorOn",
    "SecondFactorRequired",
    "SessionNotFound",
    "SignInDisabled",
    "SignInRefused",
    "TokenInvalid",
    "TokenMissing",
    "TooManyFollowers",
    "TooManyInvitations",
    "TooManyKeys",
    "TooManyNewGenres",
    "TooManyRequests",
    "TooManyWebhooks",
    "Unauthenticated",
    "Unavailable",
    "UndoConflict",
    "UnreadableFile",
    "UserNotFound",
    "UsernameConfusable",
    "UsernameTaken",
    "VersionMismatch",
    "VersionNotFound",
    "WebhookDisabled",
    "WebhookNotFound",
    "WritingClosed",
]
