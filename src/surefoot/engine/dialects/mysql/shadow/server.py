"""The server that a shadow database is made on, and what killed rehearsals left there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection, Connector
from surefoot.engine.dialects.mysql.failures import message, number
from surefoot.engine.dialects.shadow import Place
from surefoot.errors import ShadowFailed, Unreachable

_PREFIX = "surefoot_shadow_"
_NAME = re.compile(rf"({_PREFIX}[0-9a-f]{{12}})(?:_clone)?")
# Nothing in it can be written.
_READABLE = "information_schema"
_DENIED = frozenset({1044, 1045, 1227, 1142})
_YEAR = 31_536_000


def connector_of(place: Place) -> Connector:
    """Opens connections to the server of a shadow, to no database. Raises ShadowFailed without a server."""
    url = place.shadow_url or place.target_url
    if url is None:
        raise ShadowFailed(
            "MariaDB and MySQL have no embedded server: there is nowhere to make a shadow database.",
            hint="Give shadow_url (a server on which databases may be created), or the url of the target.",
        )
    return without_database(url, place)


def without_database(url: str, place: Place) -> Connector:
    """Opens connections to the server of a URL, which may name no database."""
    parts = urlsplit(url)
    # The path is for the reader of the URL only.
    named = url if parts.path.strip("/") else urlunsplit(parts._replace(path="/-"))
    connector = Connector(named, timeout=place.timeouts.connect)
    return to_database(connector, "")


def to_database(connector: Connector, database: str) -> Connector:
    """The same server, user and options, and another database."""
    other = Connector.__new__(Connector)
    other.__dict__.update(connector.__dict__)
    other.address = replace(connector.address, database=database)
    return other


def connected(connector: Connector) -> Connection:
    """A session that waits for no lock for long, and is kept by the server however long nothing happens.

    Raises Unreachable.
    """
    try:
        connection = connector()
        fetch(connection, f"SET SESSION wait_timeout = {_YEAR}, SESSION lock_wait_timeout = 30")
        return connection
    except (pymysql.Error, OSError) as error:
        raise Unreachable(
            f"{connector.address.label} does not answer: {message(error)}.",
            hint="Check host, port, user and password of the server for shadow databases.",
        ) from error


def new_name(keeper: Connection) -> str:
    """A name for a shadow database; the session holds its lock, which says that a rehearsal uses it."""
    name = f"{_PREFIX}{secrets.token_hex(6)}"
    fetch(keeper, "SELECT GET_LOCK(%s, 0)", (name,))
    return name


def clone_name(name: str) -> str:
    """The database in which the tables of a shadow are tried out."""
    return f"{name}_clone"


def create(keeper: Connection, name: str, options: str = "") -> None:
    """Make a database. Raises ShadowFailed."""
    try:
        fetch(keeper, f"CREATE DATABASE {quote(name)} {options}")
    except pymysql.Error as error:
        user = str(fetch(keeper, "SELECT CURRENT_USER()")[0][0])
        account = "@".join(f"'{part}'" for part in user.rpartition("@")[::2])
        hint = rf"GRANT ALL PRIVILEGES ON `surefoot\_shadow\_%`.* TO {account}; or give shadow_url, with another user."
        raise ShadowFailed(
            f"No shadow database can be made on {user}'s server: {message(error)}.",
            hint=hint if number(error) in _DENIED else "Give shadow_url: a server on which databases may be created.",
        ) from error


def drop(keeper: Connection, name: str) -> None:
    """Remove a shadow database and its clone; no error where that is not possible."""
    for database in (clone_name(name), name):
        with suppress(pymysql.Error, OSError):
            fetch(keeper, f"DROP DATABASE IF EXISTS {quote(database)}")


def clear_away(keeper: Connection) -> None:
    """Remove the databases of rehearsals that no session keeps alive any more."""
    names = {found[1] for name in _databases(keeper) if (found := _NAME.fullmatch(name))}
    for name in sorted(names):
        if fetch(keeper, "SELECT IS_FREE_LOCK(%s)", (name,)) == [(1,)]:
            drop(keeper, name)


def others(keeper: Connection, name: str) -> frozenset[str]:
    """The databases in which a migration could do harm, in lower case: all that the user sees, but for the shadow."""
    own = {name, clone_name(name), _READABLE}
    return frozenset(each.lower() for each in _databases(keeper) if each.lower() not in own)


def _databases(keeper: Connection) -> Iterator[str]:
    rows = fetch(keeper, "SELECT schema_name FROM information_schema.SCHEMATA")
    return (str(name) for (name,) in rows)


def runs_events(keeper: Connection) -> bool:
    """Whether the server runs events."""
    return str(fetch(keeper, "SELECT @@GLOBAL.event_scheduler")[0][0]).upper() == "ON"


def takes_backslashes_literally(keeper: Connection) -> bool:
    """Whether a backslash in a text is nothing but that in new sessions."""
    return "NO_BACKSLASH_ESCAPES" in str(fetch(keeper, "SELECT @@GLOBAL.sql_mode")[0][0]).upper()
