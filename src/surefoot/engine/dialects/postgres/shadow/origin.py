"""What a shadow imitates of the real target beside its schema: roles and their rights, settings, locale.

Read once, with queries that any role may run; no password is among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres.target import PostgresTarget

Connection = psycopg.Connection[tuple[Any, ...]]
_ATTRIBUTES = {
    "rolsuper": "SUPERUSER",
    "rolinherit": "INHERIT",
    "rolcreaterole": "CREATEROLE",
    "rolcreatedb": "CREATEDB",
    "rolcanlogin": "LOGIN",
    "rolreplication": "REPLICATION",
    "rolbypassrls": "BYPASSRLS",
}
# The server's own settings that decide what a statement of a migration means.
_MEANING = (
    "TimeZone", "DateStyle", "IntervalStyle", "search_path", "xmloption", "array_nulls", "backslash_quote",
    "default_toast_compression", "default_text_search_config", "standard_conforming_strings", "bytea_output",
    "extra_float_digits", "password_encryption", "max_prepared_transactions", "default_transaction_isolation",
)  # fmt: skip

_DATABASE = """
SELECT to_jsonb(d) - 'datacl' || jsonb_build_object('owner', pg_get_userbyid(datdba),
           'encoding', pg_encoding_to_char(encoding), 'comment', shobj_description(d.oid, 'pg_database'))
FROM pg_database d WHERE datname = current_database()
"""
_ROLES = "SELECT to_jsonb(r) FROM pg_roles r WHERE rolname !~ '^pg_' ORDER BY oid"
_NEEDED = """
WITH RECURSIVE needed(oid) AS (
    SELECT oid FROM pg_roles WHERE rolname = ANY (%s)
    UNION SELECT roleid FROM pg_auth_members JOIN needed ON member = needed.oid
)
SELECT pg_get_userbyid(oid) FROM needed ORDER BY oid
"""
_MEMBERS = """
SELECT pg_get_userbyid(roleid), pg_get_userbyid(member), pg_get_userbyid(grantor), to_jsonb(m) FROM pg_auth_members m
WHERE pg_get_userbyid(member) = ANY (%s)
ORDER BY coalesce((to_jsonb(m) ->> 'oid')::bigint, 0), roleid, member
"""
_SETTINGS = """
SELECT CASE setrole WHEN 0 THEN '' ELSE pg_get_userbyid(setrole) END, setdatabase <> 0, split_part(entry, '=', 1),
       substr(entry, strpos(entry, '=') + 1)
FROM pg_db_role_setting, unnest(setconfig) entry
WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) ORDER BY 2, 1, 3
"""
_GRANTS = """
SELECT CASE grantee WHEN 0 THEN '' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable
FROM pg_database, aclexplode(datacl) WHERE datname = current_database() ORDER BY 1, 2
"""
_TABLESPACES = "SELECT spcname, pg_get_userbyid(spcowner) FROM pg_tablespace WHERE spcname !~ '^pg_' ORDER BY oid"
_SERVER_SETTINGS = "SELECT name, reset_val FROM pg_settings WHERE source = 'configuration file' AND name = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Role:
    """A role with its attributes as CREATE ROLE has them."""

    name: str
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """`member` is in `role`, on these terms; `inherits` and `sets` are None where the server knew no such terms."""

    role: str
    member: str
    grantor: str
    admin: bool = False
    inherits: bool | None = None
    sets: bool | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a role, of the database, or of the role in the database; `role` is empty for all of them."""

    role: str
    in_database: bool
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A privilege on the database; `grantee` is empty for PUBLIC."""

    grantee: str
    privilege: str
    grantable: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """What a shadow begins with. Without a target it is what is written here.

    `migrator` is the role that migrations log in as, `bootstrap` the server's first superuser. `roles` are to be made,
    `known` are all that the target has, with their attributes. `grants` is None where the database has the privileges
    that a new one has. `options` are those of the session, `server_settings` those of the server. `lacks` names
    what a new database has and this one has not: `public`, `plpgsql`. With `copied` the shadow begins with the target's
    schema: what the target lacks, a migration will lack there too.
    """

    major: int | None = None
    database: str = "surefoot"
    owner: str = "migrator"
    # Not named like the schema of our own tables: "$user" leads the search path.
    migrator: str = "migrator"
    bootstrap: str = "postgres"
    options: str = ""
    locale: Mapping[str, Any] = field(default_factory=dict)
    comment: str | None = None
    roles: tuple[Role, ...] = (Role("migrator", ("SUPERUSER", "LOGIN")),)
    known: Mapping[str, Role] = field(default_factory=dict)
    memberships: tuple[Membership, ...] = ()
    settings: tuple[Setting, ...] = ()
    grants: tuple[Grant, ...] | None = None
    tablespaces: tuple[tuple[str, str], ...] = ()
    server_settings: Mapping[str, str] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    copied: bool = False


def read_origin(target: PostgresTarget, *, schema: bool) -> Origin:
    """What is to be imitated of the target: with `schema` all of it, else who its migrator is and what they may do."""
    connection = target.connection
    [[database]] = target.query(_DATABASE)
    [[user, current, bootstrap]] = target.query("SELECT session_user, current_user, pg_get_userbyid(10)")
    known = {row["rolname"]: _role(row) for (row,) in target.query(_ROLES)}
    rows = target.query(_NEEDED, ([user, current, database["owner"]],))
    needed = list(known) if schema else [name for (name,) in rows]
    return Origin(
        major=connection.info.server_version // 10000,
        database=database["datname"],
        owner=database["owner"],
        migrator=user,
        bootstrap=bootstrap,
        options=connection.info.get_parameters().get("options", ""),
        locale=database,
        comment=database["comment"] if schema else None,
        roles=tuple(known[name] for name in needed if name in known and name != bootstrap),
        known=known,
        memberships=tuple(_membership(*row) for row in target.query(_MEMBERS, (needed,))),
        settings=tuple(_wanted_settings(connection, {*needed, ""}, schema=schema)),
        grants=_wanted_grants(connection, {*needed, ""}),
        tablespaces=tuple((name, owner) for name, owner in target.query(_TABLESPACES)),
        server_settings=dict(target.query(_SERVER_SETTINGS, (list(_MEANING),))),
        lacks=tuple(_lacks(target)) if schema else (),
        copied=schema,
    )


def read_grants(connection: Connection) -> tuple[Grant, ...] | None:
    """The privileges on the connection's database; None where they are those of a new one."""
    row = connection.execute("SELECT datacl IS NULL FROM pg_database WHERE datname = current_database()").fetchone()
    return None if row == (True,) else tuple(Grant(*grant) for grant in connection.execute(_GRANTS))


def read_settings(connection: Connection) -> tuple[Setting, ...]:
    """The settings of every role, of the connection's database, and of every role in it."""
    return tuple(Setting(*row) for row in connection.execute(_SETTINGS))


def read_comment(connection: Connection) -> str | None:
    """The comment on the connection's database."""
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return row[0] if row else None


def _role(row: Mapping[str, Any]) -> Role:
    attributes = [word if row[key] else f"NO{word}" for key, word in _ATTRIBUTES.items()]
    attributes.append(f"CONNECTION LIMIT {row['rolconnlimit']}")
    if row["rolvaliduntil"]:
        attributes.append(f"VALID UNTIL '{row['rolvaliduntil']}'")
    return Role(row["rolname"], tuple(attributes))


def _membership(role: str, member: str, grantor: str, row: Mapping[str, Any]) -> Membership:
    return Membership(role, member, grantor, row["admin_option"], row.get("inherit_option"), row.get("set_option"))


def _wanted_settings(connection: Connection, roles: set[str], *, schema: bool) -> Iterable[Setting]:
    """Those of the database are part of its schema: a history that sets them must find them unset."""
    found = (setting for setting in read_settings(connection) if setting.role in roles)
    return (setting for setting in found if schema or not setting.in_database)


def _wanted_grants(connection: Connection, roles: set[str]) -> tuple[Grant, ...] | None:
    grants = read_grants(connection)
    return None if grants is None else tuple(grant for grant in grants if grant.grantee in roles)


def _lacks(target: PostgresTarget) -> Iterable[str]:
    [row] = target.query(
        "SELECT to_regnamespace('public') IS NULL, NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'plpgsql')"
    )
    return (name for name, missing in zip(("public", "plpgsql"), row, strict=True) if missing)
