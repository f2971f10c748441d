"""Secrets in files, as Docker and systemd pass them: `SECRET_KEY_FILE` names a file with the `SECRET_KEY`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_settings import PydanticBaseSettingsSource

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_settings import EnvSettingsSource

SUFFIX = "_FILE"
LARGEST = 64 * 1024
"""Bytes of a file. More is another file, or a device that has no end."""


@dataclass(frozen=True)
class Unusable:
    """In place of the value of a setting: why there is none. The validator of `Settings` reports it with the others."""

    reason: str


def may_be_secret(field: FieldInfo) -> bool:
    """Whether a setting may also be given as a file: those that `repr` does not show."""
    return not field.repr


class WithFiles(PydanticBaseSettingsSource):
    """The environment or `.env`, and the files that it names.

    Args:
        source: reads the variables.
    """

    def __init__(self, source: EnvSettingsSource) -> None:
        super().__init__(source.settings_cls)
        self._source = source

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not used: `__call__` reads all fields."""
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        """The settings of the source, by field; `Unusable` for one whose file cannot be used."""
        values = self._source()
        for name, field in self.settings_cls.model_fields.items():
            path = self._source.env_vars.get(f"{name}{SUFFIX}".lower())
            if path and may_be_secret(field):
                variable = name.upper()
                both = Unusable(f"set {variable} or {variable}{SUFFIX}, not both")
                values[name] = both if name in values else _content(Path(path), f"{variable}{SUFFIX}")
        return values


def _content(path: Path, variable: str) -> str | Unusable:
    """What is in a file, without line breaks at its end; the reason does not quote it."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        text = content.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        return Unusable(f"{variable}: cannot read {path}: {error.strerror}")
    except ValueError:
        return Unusable(f"{variable}: {path} is not text in UTF-8")
    if len(content) > LARGEST:
        return Unusable(f"{variable}: {path} has more than {LARGEST} bytes")
    return text or Unusable(f"{variable}: {path} is empty")
