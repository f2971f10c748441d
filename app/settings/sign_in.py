"""The ways to sign in: by password, at an OpenID provider, or at a proxy."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from app.settings.types import entries, parsed_by, shown

APP_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
"""The scheme of an app's own URLs: a reversed domain name (RFC 8252, section 7.1)."""
HEADER = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_secure(url: SplitResult) -> bool:
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.hostname)))


def _issuer(text: str) -> str:
    """An issuer identifier (OpenID Connect Core 1.0, section 2).

    Raises:
        ValueError: it is not one.
    """
    url = urlsplit(text)
    if not _is_secure(url) or url.query or url.fragment or "@" in url.netloc:
        msg = "must be an https URL without a query, or an http URL of this machine, such as http://localhost:9000"
        raise ValueError(msg)
    return text


def _return_urls(text: str) -> tuple[str, ...]:
    """URLs separated by commas.

    Raises:
        ValueError: an entry is not a URL to which a sign-in may return.
    """
    urls = tuple(entries(text))
    for entry in urls:
        url = urlsplit(entry)
        if url.fragment or not (_is_secure(url) or APP_SCHEME.fullmatch(url.scheme)):
            msg = "must be https URLs, http URLs of this machine, or URLs such as com.example.app:/signed-in"
            raise ValueError(msg)
    return urls


def _scopes(text: str) -> str:
    """Scopes separated by spaces.

    Raises:
        ValueError: `openid` is not one of them.
    """
    if "openid" not in text.split():
        msg = "must include openid"
        raise ValueError(msg)
    return " ".join(text.split())


class SignInSettings(BaseSettings):
    """The ways to sign in: by password, at an OpenID provider, or at a proxy."""

    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = Field(
        None,
        description="The issuer of an OpenID provider, exactly as its discovery document has it, such as "
        "`https://id.example/realms/home`: users may sign in there. Register `/auth/oidc/callback` of this service "
        "as its redirect URI.",
        json_schema_extra=shown("none"),
    )

    oidc_client_id: str | None = Field(
        None,
        description="The client id that the provider gave this service.",
        json_schema_extra=shown("none"),
        validate_default=True,
    )

    oidc_client_secret: str | None = Field(
        None,
        description="The client secret; unset for a public client.",
        json_schema_extra=shown("none"),
        repr=False,
    )

    oidc_scopes: Annotated[str, AfterValidator(_scopes)] = Field(
        "openid profile", description="The scopes that are requested, separated by spaces. `profile` has the username."
    )

    oidc_registration: bool = Field(
        False,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether the first sign-in at the provider creates an account. Otherwise a user links the identity "
        "to an existing account first.",
    )

    oidc_return_urls: Annotated[tuple[str, ...], NoDecode, parsed_by(_return_urls)] = Field(
        (),
        description="URLs of apps to which a sign-in at the provider may return, separated by commas. They are "
        "compared exactly.",
        json_schema_extra=shown("only the service's own page"),
    )

    trusted_user_header: str | None = Field(
        None,
        description="The header in which a proxy of `TRUSTED_PROXIES` names the user that it has authenticated, such "
        "as `Remote-User`. The proxy must remove it from requests of clients.",
        json_schema_extra=shown("none"),
    )

    trusted_user_registration: bool = Field(
        False,  # noqa: FBT003  (as above)
        description="Whether an unknown user that the proxy names gets an account.",
    )

    external_second_factor: bool = Field(
        True,  # noqa: FBT003  (as above)
        description="Whether a sign-in at the provider, or by the header, asks for the code of an account that has a "
        "second factor; `false` if the provider or the proxy asks for one itself.",
    )

    password_sign_in: bool = Field(
        True,  # noqa: FBT003  (as above)
        description="Whether users register, log in and reset passwords here; `false` if they only sign in at the "
        "provider or the proxy.",
    )

    @field_validator("oidc_client_id")
    @classmethod
    def _client_of_issuer(cls, client_id: str | None, info: ValidationInfo) -> str | None:
        if client_id is None and info.data.get("oidc_issuer") is not None:
            msg = "must be set together with OIDC_ISSUER"
            raise ValueError(msg)
        return client_id

    @field_validator("trusted_user_header")
    @classmethod
    def _header_of_proxy(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and not HEADER.fullmatch(name):
            msg = "must be the name of a header, of letters, digits and hyphens"
            raise ValueError(msg)
        if name is not None and not info.data.get("trusted_proxies"):
            msg = "must be set together with TRUSTED_PROXIES"
            raise ValueError(msg)
        return name

    @field_validator("password_sign_in")
    @classmethod
    def _some_way(cls, wanted: bool, info: ValidationInfo) -> bool:  # noqa: FBT001  (a setting)
        if not wanted and not (info.data.get("oidc_issuer") or info.data.get("trusted_user_header")):
            msg = "may be false only with OIDC_ISSUER or TRUSTED_USER_HEADER, or there is no way to sign in"
            raise ValueError(msg)
        return wanted
