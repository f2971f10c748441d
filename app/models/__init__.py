"""The tables, one module per resource."""

from app.models.audit_events import AuditEvent
from app.models.authors import Author, AuthorAlias
from app.models.base import Base, Record
from app.models.books import Book
from app.models.changes import Batch, Change
from app.models.contributors import Contributor
from app.models.former_names import FormerName
from app.models.genres import BookGenre, Genre
from app.models.idempotency import KeptResponse
from app.models.identifiers import BookIdentifier
from app.models.identities import LinkedIdentity, SignInCode
from app.models.invitations import Invitation
from app.models.keys import ApiKey
from app.models.recovery_codes import RecoveryCode
from app.models.search import SearchWord
from app.models.sessions import RefreshToken, UserSession
from app.models.users import User
from app.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Author",
    "AuthorAlias",
    "Base",
    "Batch",
    "Book",
    "BookGenre",
    "BookIdentifier",
    "Change",
    "Contributor",
    "FormerName",
    "Genre",
    "Invitation",
    "KeptResponse",
    "LinkedIdentity",
    "Record",
    "RecoveryCode",
    "RefreshToken",
    "SearchWord",
    "SignInCode",
    "User",
    "UserSession",
    "Webhook",
    "WebhookDelivery",
]
