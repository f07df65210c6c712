"""Extensions on a shadow: made by the role that owns them on the target, and kept from reaching other servers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres.shadow.statements import name
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.target import Row
from surefoot.engine.model import Statement
from surefoot.errors import SurefootError

Connection = psycopg.Connection[tuple[Any, ...]]
_CREATE = re.compile(r'CREATE EXTENSION (?:IF NOT EXISTS )?(?:"((?:[^"]|"")*)"|(\w+))')
_STANDING = """
SELECT rolsuper, has_database_privilege(rolname, current_database(), 'CREATE'), current_database(),
       (SELECT bool_or(trusted) FROM pg_available_extension_versions WHERE name = %s)
FROM pg_roles WHERE rolname = %s
"""
_WRAPPERS = "SELECT fdwname FROM pg_foreign_data_wrapper WHERE fdwhandler <> 0"


def extension_owners(connection: Connection) -> dict[str, str]:
    """Who owns each extension: a dump does not say."""
    return dict(connection.execute("SELECT extname, pg_get_userbyid(extowner) FROM pg_extension").fetchall())


@contextmanager
def as_owner(session: PostgresTarget, statement: Statement, owners: Mapping[str, str]) -> Iterator[None]:
    """For a CREATE EXTENSION of a dump, be the extension's owner, with what it takes to create it."""
    found = _CREATE.match(statement.sql)
    extension = (found[1] or found[2]).replace('""', '"') if found else ""
    owner = owners.get(extension)
    standing = session.query(_STANDING, (extension, owner)) if owner else []
    if not owner or not standing:
        yield
        return
    give, take = _help(owner, standing[0])
    session.query(f"{give}; SET SESSION AUTHORIZATION {name(owner)}")
    try:
        yield
    finally:
        with suppress(SurefootError):
            session.query(f"RESET SESSION AUTHORIZATION; {take}")


def _help(owner: str, standing: Row) -> tuple[str, str]:
    """What lets a role create an extension, and what takes that away again."""
    superuser, may_create, database, trusted = standing
    if superuser or (trusted and may_create):
        return "", ""
    if trusted:
        place = f"CREATE ON DATABASE {name(database)}"
        return f"GRANT {place} TO {name(owner)}", f"REVOKE {place} FROM {name(owner)}"
    return f"ALTER ROLE {name(owner)} SUPERUSER", f"ALTER ROLE {name(owner)} NOSUPERUSER"


def cut_off(connection: Connection) -> tuple[str, ...]:
    """Take away the handlers of the foreign data wrappers: what foreign tables lead to is real. Returns the wrappers.

    The tables, servers and user mappings stay as they are, and can be changed; only their rows are out of reach.
    """
    wrappers = tuple(wrapper for (wrapper,) in connection.execute(_WRAPPERS))
    for wrapper in wrappers:
        connection.execute(f"ALTER FOREIGN DATA WRAPPER {name(wrapper)} NO HANDLER")
    return wrappers
