"""Why a backup cannot be made or restored, in words for the operator."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy.exc import DBAPIError

from app.errors import BooksError, DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class BackupError(BooksError):
    """A backup cannot be made or restored. Clients never see it: it has no code."""


@contextmanager
def told_plainly(unchanged: str) -> Iterator[None]:
    """Report failures of the disk and of databases as `BackupError`.

    Args:
        unchanged: what the failure left as it was, such as "nothing was written".
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        msg = f"{error.strerror}: {unchanged}"
        raise BackupError(msg) from error
    except DatabaseUnavailable as error:
        cause = f" ({error.__cause__})" if error.__cause__ else ""
        msg = f"{str(error).rstrip('.')}{cause}: {unchanged}"
        raise BackupError(msg) from error
    except sqlite3.Error as error:
        msg = f"SQLite: {error}: {unchanged}"
        raise BackupError(msg) from error
    except psycopg.Error as error:  # only the first part of the message: the others may quote personal data
        msg = f"PostgreSQL: {error.diag.message_primary or error}: {unchanged}"
        raise BackupError(msg) from error
    except DBAPIError as error:
        msg = f"the database: {error.orig}: {unchanged}"
        raise BackupError(msg) from error
