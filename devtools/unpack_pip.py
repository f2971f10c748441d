"""Install the pip that this Python ships into the environment that runs this, by unpacking its wheel.

`python -m venv` would run `ensurepip`, which lets pip install itself and setuptools: seven seconds, whereas this takes
half a second. Nothing here needs setuptools. Only the standard library is available when this runs.
"""

from __future__ import annotations

import ensurepip
import sysconfig
from pathlib import Path
from zipfile import ZipFile

SCRIPT = """#!/bin/sh
exec "$(dirname "$0")/python" -m pip "$@"
"""


def main() -> None:
    """Run the command."""
    wheels = [wheel for folder in folders() for wheel in sorted(folder.glob("pip-*-none-any.whl"))]
    if not wheels:
        ensurepip.bootstrap()
        return
    with ZipFile(wheels[0]) as wheel:
        wheel.extractall(sysconfig.get_path("purelib"))
    script = Path(sysconfig.get_path("scripts"), "pip")
    script.write_text(SCRIPT)
    script.chmod(0o755)


def folders() -> list[Path]:
    """The folders where this Python may keep its wheels: Linux distributions have one for the whole system."""
    bundled = Path(ensurepip.__file__).with_name("_bundled")
    system = sysconfig.get_config_var("WHEEL_PKG_DIR")
    return [Path(system), bundled] if system else [bundled]


if __name__ == "__main__":
    main()
