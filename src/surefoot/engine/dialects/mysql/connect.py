"""From a URL to connections."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import SERVER_STATUS

from surefoot.errors import UsageError

# Generic for the type checker only.
Connection: TypeAlias = "pymysql.Connection[Any]"

_EXAMPLE = "mysql://user:password@host:3306/database?ssl-mode=VERIFY_IDENTITY; percent-encode special characters."
_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_OPTIONS = frozenset({"ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is and who asks; `options` are those of the URL, and their names have hyphens."""

    host: str
    port: int
    user: str
    password: str
    database: str
    options: dict[str, str]

    def __repr__(self) -> str:
        """Without the password."""
        return f"Address({self.host!r}, {self.port}, {self.user!r}, {self.database!r})"

    @property
    def socket(self) -> str | None:
        """The path of the server's socket, where one was given."""
        return self.options.get("socket")

    @property
    def label(self) -> str:
        """The database as a person may read it: without a password."""
        return f"mysql://{self.socket or f'{self.host}:{self.port}'}/{self.database}"

    @property
    def ssl_mode(self) -> str:
        """How the connection is secured, in the words of MySQL's --ssl-mode."""
        if mode := self.options.get("ssl-mode", "").upper():
            return mode
        if "ssl-ca" in self.options:
            return "VERIFY_CA"
        return "DISABLED" if self.socket else "PREFERRED"


def read_url(url: str) -> Address:
    """The parts of a mysql:// or mariadb:// URL. Raises UsageError, which never repeats it: it may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError:
        raise UsageError("The MySQL URL cannot be read.", hint=_EXAMPLE) from None
    options = {name.replace("_", "-").lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    database = unquote(parts.path.removeprefix("/"))
    if not database:
        raise UsageError("The MySQL URL names no database.", hint=_EXAMPLE)
    address = Address(
        unquote(parts.hostname or "localhost"),
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        database,
        options,
    )
    _check(address)
    return address


def _check(address: Address) -> None:
    unknown = sorted(address.options.keys() - _OPTIONS)
    if unknown:
        raise UsageError(
            f"The MySQL URL has options that Surefoot does not know: {', '.join(unknown)}.",
            hint=f"There are: {', '.join(sorted(_OPTIONS))}.",
        )
    if address.ssl_mode not in _MODES:
        raise UsageError("The MySQL URL has an ssl-mode that does not exist.", hint=f"There are: {', '.join(_MODES)}.")


class _Session(pymysql.connections.Connection):
    """A connection that is encrypted where the server can do that, without a new list of authorities each time.

    To read that list takes 20 ms, and in the mode PREFERRED nobody is checked against it.
    """

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        return sslp if isinstance(sslp, ssl.SSLContext) else _unchecked()


@cache
def _unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connector:
    """Opens autocommit connections to the database of a URL."""

    def __init__(self, url: str, *, timeout: float) -> None:
        """`timeout` in seconds bounds each attempt. Raises UsageError where the URL cannot be read."""
        self.address = read_url(url)
        self._timeout = max(1, round(timeout))

    def __call__(self) -> Connection:
        """A new connection."""
        address = self.address
        return _Session(
            host=address.host,
            port=address.port,
            unix_socket=address.socket,
            user=address.user or None,
            password=address.password.encode(),
            database=address.database,
            charset="utf8mb4",
            autocommit=True,
            local_infile=False,
            connect_timeout=self._timeout,
            program_name=f"surefoot {socket.gethostname()}:{os.getpid()}",
            **_security(address),
        )


def server_version(connection: Connection) -> str:
    """The server's version as it announced itself: 10.11.6-MariaDB or 8.0.36."""
    # MariaDB before 11 puts this in front, for old replicas.
    return str(connection.get_server_info()).removeprefix("5.5.5-")  # type: ignore[no-untyped-call]  # the stubs leave it out


def is_mariadb(connection: Connection) -> bool:
    """Whether the server is MariaDB; otherwise it is MySQL."""
    return "MariaDB" in server_version(connection)


def in_transaction(connection: Connection) -> bool:
    """Whether the server said, with its last answer, that a transaction is open."""
    status: int = connection.server_status  # type: ignore[attr-defined]  # the stubs leave it out
    return bool(status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)


def session_number(connection: Connection) -> int:
    """The number of the server session, as the protocol announced it."""
    return int(connection.thread_id())  # type: ignore[no-untyped-call]  # the stubs leave it out


def _security(address: Address) -> dict[str, Any]:
    mode, options = address.ssl_mode, address.options
    if mode == "DISABLED":
        return {"ssl_disabled": True}
    if mode == "PREFERRED":
        return {}
    return {"ssl": _context(mode, options)}


def _context(mode: str, options: dict[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.get("ssl-ca"))
        if "ssl-cert" in options:
            context.load_cert_chain(options["ssl-cert"], options.get("ssl-key"))
    except OSError as error:
        raise UsageError(
            f"A certificate of the MySQL URL cannot be read: {error.strerror or error}.",
            hint="ssl-ca, ssl-cert and ssl-key are paths of PEM files.",
        ) from error
    # Certificates that the server made for itself lack what strict checks ask for.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.check_hostname = mode == "VERIFY_IDENTITY"
    context.verify_mode = ssl.CERT_NONE if mode == "REQUIRED" else ssl.CERT_REQUIRED
    return context
