"""From a URL to connections."""

from __future__ import annotations

import os
import socket
from typing import Any

import psycopg

from surefoot.errors import UsageError

Connection = psycopg.Connection[tuple[Any, ...]]


class Connector:
    """Opens autocommit connections to the database of a URL (any that libpq reads)."""

    def __init__(self, url: str, *, timeout: float) -> None:
        """`timeout` in seconds bounds each attempt. Raises UsageError where libpq cannot read the URL."""
        try:
            parameters = psycopg.conninfo.conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            # libpq repeats the text it could not read, and that may hold a password.
            raise UsageError(
                "The PostgreSQL URL cannot be read.",
                hint="postgresql://user:password@host:5432/database?sslmode=require; percent-encode special signs.",
            ) from error
        self._parameters: dict[str, Any] = {
            "connect_timeout": max(2, round(timeout)),
            "application_name": f"surefoot {socket.gethostname()}:{os.getpid()}",
            **parameters,
            # What a database without an encoding (SQL_ASCII) answers would otherwise be bytes, and equal to no text.
            "client_encoding": "utf8",
        }

    def __call__(self) -> Connection:
        """A new connection."""
        # Migrations may discard what a prepared statement stands on, and poolers do not carry them.
        return psycopg.connect(**self._parameters, autocommit=True, prepare_threshold=None)

    @property
    def label(self) -> str:
        """The database as a person may read it: without a password."""
        host, port = str(self._parameters.get("host", "")), self._parameters.get("port")
        # The directory of a Unix socket says nothing to a person, and a slash in the host would read as the database.
        place = "" if host.startswith(("/", "@")) else f"{host}:{port}" if host and port else host
        return f"postgresql://{place}/{self._parameters.get('dbname', '')}"


def has_columns(cursor: psycopg.Cursor[tuple[Any, ...]]) -> bool:
    """Whether there are rows to fetch. The driver's description says so too, and takes longer than most answers."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0
