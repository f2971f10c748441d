"""The settings: parsed once from the environment and `.env`, and passed on from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError, field_validator
from pydantic_settings import SettingsConfigDict

from app.settings.accounts import AccountSettings
from app.settings.database import POSTGRES_DEFAULT, DatabaseSettings
from app.settings.files import Unusable, WithFiles
from app.settings.metrics import MetricsSettings
from app.settings.rate_limits import RateLimitSettings
from app.settings.serving import ServingSettings
from app.settings.sign_in import SignInSettings
from app.settings.webhooks import WebhookSettings

if TYPE_CHECKING:
    from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

__all__ = ["POSTGRES_DEFAULT", "Settings", "SettingsError", "load_settings"]


class Settings(
    RateLimitSettings,
    WebhookSettings,
    SignInSettings,
    AccountSettings,
    MetricsSettings,
    ServingSettings,
    DatabaseSettings,
):
    """All settings, in the order in which the documentation has them: that of the bases, from the last to the first.

    The name of each environment variable is the field's in capitals. The descriptions are the documentation:
    `python -m devtools.settings_docs` writes them to docs/settings.md and .env.example.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (pydantic passes all by name)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (likewise)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources, the strongest first."""
        both = cast("tuple[EnvSettingsSource, ...]", (env_settings, dotenv_settings))
        return init_settings, *map(WithFiles, both)

    @field_validator("*", mode="before")
    @classmethod
    def _require_usable(cls, value: Any) -> Any:  # noqa: ANN401  (of any setting)
        if isinstance(value, Unusable):
            raise ValueError(value.reason)  # noqa: TRY004  (pydantic reports a ValueError only)
        return value


class SettingsError(Exception):
    """A setting is invalid. The message is one line that names every fault."""


def load_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        SettingsError: a value cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = (f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors(include_input=False))
        raise SettingsError("; ".join(faults)) from None
