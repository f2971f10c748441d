"""The application factory: the composition root, where all parts are put together."""

from __future__ import annotations

from functools import cache

from app.auth import reader_required
from app.database import Database, default_database
from app.observability.logs import configure_logs
from app.pages import api_docs, pages
from app.rate_limiting.limits import RateLimits
from app.routers.accounts import accounts
from app.routers.audit import audit_log
from app.routers.authors import authors
from app.routers.batches import batches
from app.routers.books import books
from app.routers.changes import changes
from app.routers.exports import exports
from app.routers.facets import facets
from app.routers.health import health
from app.routers.identities import identities
from app.routers.imports import imports
from app.routers.invitations import invitations
from app.routers.keys import keys
from app.routers.second_factor import second_factor
from app.routers.sessions import user_sessions
from app.routers.undo import undo
from app.routers.users import users
from app.routers.webhook_deliveries import webhook_deliveries
from app.routers.webhooks import webhooks
from app.security.hashing import Hasher
from app.security.sealing import Sealer
from app.security.signing_keys import signing_secrets
from app.security.tokens import Tokens
from app.services.signing_in import SignIn
from app.settings import Settings, load_settings
from app.web.bodies import register_bodies
from app.web.caching import register_caching
from app.web.converters import ExtensionConverter, IdConverter
from app.web.cors import register_cors
from app.web.cursors import Cursors
from app.web.hosts import register_hosts
from app.web.openapi_headers import EVERYWHERE, FOR_BROWSERS
from app.web.operations import Application, create_application, guard_reads
from app.web.options_method import register_options
from app.web.problems import register_problems
from app.web.proxies import ProxyHeadersMiddleware
from app.web.query_parameters import register_query_rules
from app.web.rate_limit_headers import register_rate_limit_headers
from app.web.read_limit import register_read_limit
from app.web.readiness import Readiness
from app.web.request_log import register_request_log
from app.web.security_headers import SecurityHeadersMiddleware
from app.web.state import EXTENSION, OidcSignIn, State

WHO_READS = {
    "everyone": "Reading needs no account; to write, register, log in, and send",
    "members": "Reading and writing need an account: register, log in, and send",
}
"""By the value of `READING`."""
DESCRIPTION = (
    "A catalogue of books and authors. {who_reads} `Authorization: Bearer <access_token>`. Every error is reported as "
    "problem details (RFC 9457), explained at `/docs/errors`. Responses of more than 1 kB are compressed with gzip for "
    "clients that accept it. Later versions may add fields to responses: ignore unknown ones.\n\n"
    f"{FOR_BROWSERS}\n\n"
    f"{EVERYWHERE}\n\n"
    "A URL of more than 64 KiB gets a 414 from the server itself, without a body."
)


def create_app(settings: Settings | None = None, store: Database | None = None) -> Application:
    """Create an application.

    Args:
        settings: by default read from the environment and `.env`.
        store: the database; by default the one of the settings, or, without settings, the one of `app.database`.

    Raises:
        SettingsError: the settings cannot be used.
    """
    if store is None:
        store = default_database() if settings is None else Database.of(settings)
    settings = settings or load_settings()
    configure_logs(settings)
    description = DESCRIPTION.format(who_reads=WHO_READS[settings.reading])
    app = create_application(__name__, description, static_folder="pages/static", template_folder="pages/templates")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # an attribute of the default provider
    app.url_map.converters |= {"id": IdConverter, "extension": ExtensionConverter}
    app.url_map.merge_slashes = False  # each URL has one spelling
    secrets = signing_secrets(settings)
    sealer = Sealer(secrets)
    app.extensions[EXTENSION] = State(
        settings=settings,
        database=store,
        signing=secrets,
        tokens=Tokens(secrets, settings.access_token_lifetime),
        sealer=sealer,
        cursors=Cursors(secrets),
        signing_in=SignIn(store, Hasher(settings), settings, secrets[0], sealer),
        limits=RateLimits(settings),
        readiness=Readiness(),
        oidc=_oidc(settings, secrets),
    )
    register_request_log(app, settings)
    register_hosts(app, settings)
    register_bodies(app)
    register_problems(app)
    register_options(app)
    register_rate_limit_headers(app)
    register_read_limit(app)
    register_query_rules(app)
    for blueprint in (
        books,
        exports,
        batches,
        imports,
        authors,
        facets,
        changes,
        undo,
        accounts,
        user_sessions,
        identities,
        second_factor,
        keys,
        users,
        invitations,
        audit_log,
        webhooks,
        webhook_deliveries,
        pages,
        health,
    ):
        app.register_blueprint(blueprint)
    if settings.docs_enabled:
        app.register_blueprint(api_docs)
    if settings.reading == "members":
        guard_reads(app, reader_required)
    register_caching(app)
    if settings.cors_origins:
        register_cors(app, settings.cors_origins)
    app.wsgi_app = SecurityHeadersMiddleware(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own advice
    if settings.trusted_proxies:
        app.wsgi_app = ProxyHeadersMiddleware(  # type: ignore[method-assign]  # as above
            app.wsgi_app, settings.trusted_proxies, settings.trusted_user_header
        )
    return app


def _oidc(settings: Settings, secrets: tuple[str, ...]) -> OidcSignIn | None:
    if settings.oidc_issuer is None:
        return None
    from app.oidc.pending_sign_ins import PendingSignIns  # noqa: PLC0415  (with Authlib: half a second that few need)
    from app.oidc.provider import Provider  # noqa: PLC0415  (likewise)

    return OidcSignIn(Provider(settings), PendingSignIns(secrets))


app: Application


@cache
def _default_app() -> Application:
    return create_app()


def __getattr__(name: str) -> object:
    """Create `app` on first access: importing this module reads no settings and writes no key."""
    if name == "app":
        return _default_app()
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
