"""What is done once, before the workers are forked, so that they share the memory that it takes."""

from __future__ import annotations

import gc
import importlib
import multiprocessing

from sqlalchemy.orm import configure_mappers

from app.database import default_database
from app.db.bulkheads import Kind


def preload() -> None:
    """Create the application, and use its database once. What a worker creates for itself, it has in memory of its own.

    Where processes are spawned instead (macOS; Python 3.14), each does so for itself.

    Raises:
        SettingsError, DatabaseUnavailable: the settings or the database cannot be used.
    """
    if multiprocessing.get_start_method() == "fork":
        importlib.import_module("app.front.application")  # here, since other processes import this package
        importlib.import_module("app.main").app  # noqa: B018  (created by the access)
        configure_mappers()
        database = default_database()
        with database.reading(Kind.HEALTH):  # SQLAlchemy then asks the server for its version, and more
            pass
        database.engine.dispose()  # connections cannot be shared
        gc.freeze()  # collections in the workers do not touch, and so do not copy, what they share
    gc.enable()
