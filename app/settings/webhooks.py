"""Where webhooks may lead, and which process delivers them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode

from app.settings.types import Network, networks, parsed_by, shown


class WebhookSettings(BaseSettings):
    """Where webhooks may lead, and which process delivers them."""

    webhooks_allow_private: Annotated[tuple[Network, ...], NoDecode, parsed_by(networks)] = Field(
        (),
        description="Addresses and networks, separated by commas, to which webhooks may lead although they are not "
        "public, such as `192.168.1.20, 10.8.0.0/16`. All other addresses of private networks and of this machine are "
        "refused. Admins of the catalogue can send requests to those that are allowed.",
        json_schema_extra=shown("none"),
    )

    webhooks_in_service: bool = Field(
        True,  # noqa: FBT003  (a default)
        description="Whether the service itself delivers webhooks; `false` if `python -m scripts.deliver_webhooks` "
        "runs beside it.",
    )
