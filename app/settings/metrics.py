"""Where the metrics for Prometheus are exported."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.types import shown


class MetricsSettings(BaseSettings):
    """Where the metrics for Prometheus are exported."""

    metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="The port of the metrics for Prometheus (`/metrics`), such as 9464. They need no login: keep "
        "this port from the public. The service's own port never has them.",
        json_schema_extra=shown("no metrics"),
    )

    metrics_host: str = Field(
        "127.0.0.1",
        description="The address to listen on for Prometheus; if it runs on another machine, an address of a private "
        "network.",
    )
