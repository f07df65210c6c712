"""What a server of our own has beside the schema of one database (roles, settings, privileges), kept and brought back.

Roles are the whole server's, and so is what depends on them: no template database holds it. So the catalogues that all
databases share are copied to tables in the maintenance database, and made equal to those copies when a state comes
back. Writing to catalogues is for superusers, and right only on a server that nobody else uses and that is thrown away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres.shadow.statements import literal, name

Connection = psycopg.Connection[tuple[Any, ...]]
_SCHEMA = "surefoot_kept"
# Rows go and come back in these exactly as they were, object identifiers included.
_EXACT = ("pg_authid", "pg_auth_members", "pg_db_role_setting", "pg_shdepend", "pg_shdescription", "pg_shseclabel")
# Since PostgreSQL 15.
_NEWER = ("pg_parameter_acl",)
_NAMES = ("pg_database", "pg_tablespace")

# Where a shared catalogue names a database: it gets a new identifier when it is made from the kept one.
_MOVES = (
    "UPDATE {kept}.pg_shdepend SET dbid = {new} WHERE dbid = {old}",
    "UPDATE {kept}.pg_shdepend SET objid = {new} WHERE objid = {old} AND classid = 'pg_database'::regclass",
    "UPDATE {kept}.pg_db_role_setting SET setdatabase = {new} WHERE setdatabase = {old}",
    "UPDATE {kept}.pg_shdescription SET objoid = {new} WHERE objoid = {old} AND classoid = 'pg_database'::regclass",
    "UPDATE {kept}.pg_shseclabel SET objoid = {new} WHERE objoid = {old} AND classoid = 'pg_database'::regclass",
    "UPDATE {kept}.pg_database SET oid = {new} WHERE oid = {old}",
    """
    UPDATE pg_database d SET (datdba, datacl, datconnlimit) = (k.datdba, k.datacl, k.datconnlimit)
    FROM {kept}.pg_database k WHERE d.oid = k.oid AND d.oid = {new}
    """,
)


def remember(admin: Connection, copy: str) -> None:
    """Keep what the server has now; `copy` is the template database with the rest of the state.

    Nothing depends on that template's objects: a migration may drop a role that it knows of.
    """
    sql = [f"DELETE FROM pg_shdepend WHERE dbid = {_oid(copy)}", f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}"]
    for catalogue in (*_catalogues(admin), *_NAMES):
        sql += [
            f"DROP TABLE IF EXISTS {_SCHEMA}.{catalogue}",
            f"CREATE TABLE {_SCHEMA}.{catalogue} AS SELECT * FROM pg_catalog.{catalogue}",
        ]
    with admin.transaction():
        admin.execute("; ".join(sql))


def recall(admin: Connection, database: str) -> None:
    """Bring back what was kept; `database` has just been made again from the template."""
    sql = [*_moves(database)]
    for catalogue in _catalogues(admin):
        now, kept = f"pg_catalog.{catalogue}", f"{_SCHEMA}.{catalogue}"
        sql += [
            f"DELETE FROM {now} t WHERE NOT EXISTS (SELECT FROM {kept} k WHERE k::text = t::text)",
            f"INSERT INTO {now} SELECT * FROM {kept} k WHERE NOT EXISTS (SELECT FROM {now} t WHERE t::text = k::text)",
        ]
    with admin.transaction():
        admin.execute("; ".join(sql))


def remember_role(admin: Connection, role: str) -> None:
    """Make a role, which is there by now, a part of what is kept, if anything is."""
    if admin.execute("SELECT to_regclass(%s)", (f"{_SCHEMA}.pg_authid",)).fetchone() != (None,):
        admin.execute(f"INSERT INTO {_SCHEMA}.pg_authid SELECT * FROM pg_authid WHERE rolname = {literal(role)}")


def strangers(admin: Connection) -> Iterator[str]:
    """The statements that drop the databases and tablespaces that were made since."""
    for (made,) in admin.execute(
        f"SELECT datname FROM pg_database WHERE oid NOT IN (SELECT oid FROM {_SCHEMA}.pg_database)"
    ).fetchall():
        yield f"ALTER DATABASE {name(made)} IS_TEMPLATE false"
        yield f"DROP DATABASE {name(made)} WITH (FORCE)"
    for (made,) in admin.execute(
        f"SELECT spcname FROM pg_tablespace WHERE oid NOT IN (SELECT oid FROM {_SCHEMA}.pg_tablespace)"
    ).fetchall():
        yield f"DROP TABLESPACE {name(made)}"


def _catalogues(admin: Connection) -> tuple[str, ...]:
    return (*_EXACT, *(_NEWER if admin.info.server_version >= 150000 else ()))


def _moves(database: str) -> Iterator[str]:
    old = f"(SELECT oid FROM {_SCHEMA}.pg_database WHERE datname = {literal(database)})"
    return (move.format(kept=_SCHEMA, old=old, new=_oid(database)) for move in _MOVES)


def _oid(database: str) -> str:
    return f"(SELECT oid FROM pg_database WHERE datname = {literal(database)})"
