"""How the service listens, and how it logs."""

from __future__ import annotations

import os
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode

from app.settings.types import Network, hosts, networks, origins, parsed_by, shown, web_address


class ServingSettings(BaseSettings):
    """How the service listens, and how it logs."""

    host: str = Field("127.0.0.1", description="The address to listen on; `0.0.0.0` for all networks.")

    port: int = Field(
        5000,
        ge=1,
        le=65535,
        description="The port to listen on. In docker-compose.full.yml it is the proxy's, by default 8080.",
    )

    public_url: Annotated[str | None, parsed_by(web_address)] = Field(
        None,
        description="The address of the service as users see it, such as `https://books.example`: password-reset links "
        "begin with it.",
        json_schema_extra=shown("`Host`, if it can be trusted"),
    )

    allowed_hosts: Annotated[tuple[str, ...], NoDecode, parsed_by(hosts)] = Field(
        (),
        description="Names and addresses of the service, separated by commas, without ports; `.books.example` includes "
        "subdomains. A request with another `Host` is a 400; `localhost` and the host of `PUBLIC_URL` are allowed too.",
        json_schema_extra=shown("any"),
    )

    workers: int = Field(
        default_factory=lambda: min(os.cpu_count() or 1, 4),
        ge=1,
        le=256,
        description="Worker processes.",
        json_schema_extra=shown("one per core, at most 4"),
    )

    threads: int = Field(
        32,
        ge=1,
        le=1024,
        description="Requests that each process works on at once, besides those that wait for a hash or a connection.",
    )

    fast_lane: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether frequent reads are answered together, and new books written together, past Flask. "
        "Responses are the same.",
    )

    connections: int = Field(
        4096,
        ge=64,
        le=1_000_000,
        description="Connections that each process accepts, idle ones included; further ones wait. The operating "
        "system's limit of open files may allow fewer: the log then has a line at the start.",
    )

    header_timeout: int = Field(
        30,
        ge=1,
        le=600,
        description="Seconds in which the headers of a request must arrive, and after which an idle connection is "
        "closed. A proxy in front must close its idle connections earlier.",
    )

    body_timeout: float = Field(
        20,
        gt=0,
        le=600,
        description="Seconds in which a request body must arrive, and another second for each 16 KiB of it; otherwise "
        "the request gets a 408.",
    )

    bodies_per_address: int = Field(
        64,
        ge=1,
        description="Request bodies of one client address (IPv6: of one /64) that may be arriving at once in each "
        "process; further ones get a 429.",
    )

    imports_at_once: int = Field(
        4,
        ge=1,
        description="Files to import that each process receives and carries out at once, each with a temporary file of "
        "up to `MAX_IMPORT_SIZE` and a thread; further ones get a 503.",
    )

    imports_per_account: int = Field(
        2,
        ge=1,
        description="Files to import of one account that each process receives and carries out at once; further ones "
        "get a 429.",
    )

    lists_per_address: int | None = Field(
        None,
        ge=1,
        description="Lists and searches of one client address (IPv6: of one /64) that run at once in each process; "
        "further ones wait their turn. One of the connections for lists is always kept for other addresses.",
        json_schema_extra=shown("all but one of the connections for lists"),
    )

    http2: bool = Field(
        False,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether HTTP/2 is accepted too. Without TLS, only proxies use it.",
    )

    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, parsed_by(networks)] = Field(
        (),
        description="Addresses and networks of proxies, separated by commas, whose `X-Forwarded-For`, `-Proto` and "
        "`-Host` are trusted.",
        json_schema_extra=shown("none"),
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode, parsed_by(origins)] = Field(
        (),
        description="Origins whose pages may call the service from a browser, separated by commas, or `*`: "
        "`https://books.example, http://localhost:3000`.",
        json_schema_extra=shown("only its own"),
    )

    max_body_size: int = Field(
        1024 * 1024,
        ge=1024,
        description="Maximum size of a request body in bytes; 16 KiB where it has credentials. A proxy in front has a "
        "limit of its own (`client_max_body_size` in deploy/nginx.conf).",
    )

    max_import_size: int = Field(
        512 * 1024 * 1024,
        ge=1024,
        description="Maximum size in bytes of a file of `POST /imports`, and of its content if it is compressed.",
    )

    docs_enabled: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Whether the service has `/docs` and `/openapi.json`. `/docs/errors`, to which every error refers, "
        "remains.",
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The lowest level that is logged: `debug`, `info`, `warning` or `error`."
    )

    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`json`, `console`, or `auto`: `console` in a terminal, else `json`."
    )

    log_access: Literal["on", "off", "slow"] = Field(
        "on",
        description="Which requests are logged: all but the probes (`on`), those that take longer than `LOG_SLOW` "
        "(`slow`), or none (`off`).",
    )

    log_slow: float = Field(
        1,
        ge=0,
        description="Seconds from which a request is slow: its line in the log then says how long its statements took. "
        "0 means that none is.",
    )

    log_addresses: Literal["full", "truncated"] = Field(
        "full",
        description="How much of a client's address is logged: `full`, or `truncated` to a network: the first three "
        "bytes of IPv4 (`192.0.2.0/24`), the first six of IPv6 (`2001:db8:1::/48`).",
    )
