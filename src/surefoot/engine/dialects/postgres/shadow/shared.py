"""A shadow database on a server that others use: one named by `shadow_url`, or the target's own."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from surefoot.engine.dialects.postgres import pooler
from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.shadow.admin import Say, attempt, make_database, run, vacate
from surefoot.engine.dialects.postgres.shadow.origin import (
    Grant,
    Origin,
    Setting,
    read_comment,
    read_grants,
    read_settings,
)
from surefoot.engine.dialects.postgres.shadow.sessions import inspector
from surefoot.engine.dialects.postgres.shadow.statements import (
    create_database,
    literal,
    name,
    set_grants,
    set_setting,
)
from surefoot.engine.model import Timeouts
from surefoot.errors import ShadowFailed, Unreachable

Connection = psycopg.Connection[tuple[Any, ...]]
PREFIX = "surefoot_shadow_"
KEEPER = "surefoot rehearsal "
_ABANDONED = f"""
SELECT datname FROM pg_database d
WHERE datname ~ '^{PREFIX}[0-9a-f]{{12}}(_kept)?$' AND NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE application_name = '{KEEPER}' || substr(d.datname, {len(PREFIX) + 1}, 12))
"""


class SharedServer:
    """A database of our own on somebody's server; `beside` says that it is the target's server.

    A session that is open all the time, the keeper, bears the rehearsal's name: while it is there, no other rehearsal
    clears the database away. Roles are the server's: none is made, changed or dropped.
    """

    def __init__(self, url: str, origin: Origin, timeouts: Timeouts, say: Say, *, beside: bool) -> None:
        token = uuid.uuid4().hex[:12]
        self.database = f"{PREFIX}{token}"
        self._url = url
        self._origin = origin
        self._timeout = timeouts.connect
        self._say = say
        self._beside = beside
        self._connect = Connector(make_conninfo(url, application_name=f"{KEEPER}{token}"), timeout=timeouts.connect)
        self._admin: Connection | None = None
        self._kept: tuple[tuple[Grant, ...] | None, tuple[Setting, ...], str | None] = (None, (), None)

    @property
    def label(self) -> str:
        """The database, for a person."""
        return self.session().label

    def open(self) -> None:
        """Make the database. Raises Unreachable, PoolerFound, ShadowFailed."""
        try:
            self._admin = self._connect()
        except psycopg.OperationalError as error:
            raise Unreachable(
                f"{self._connect.label} does not answer: {' '.join(str(error).split())}",
                hint="Check shadow_url: host, port, user and password.",
            ) from error
        row = self._admin.execute("SELECT pg_backend_pid()").fetchone()
        if row and row[0] != self._admin.info.backend_pid:
            pooler.refuse_transaction_pooling(self._admin, self._connect, row[0])
        self._refuse_without_rights()
        self._clear_abandoned()
        self._refuse_without_roles()
        user = self.migrator
        make_database(
            self._connection, create_database(self._origin, self.database, user, self.major, fast=False), self._say
        )
        if user != self._origin.migrator and self._origin.major is not None:
            self._say(f"migrations ran as {user}, and not as {self._origin.migrator} as on the target")

    @property
    def major(self) -> int:
        """The server's major version."""
        return self._connection.info.server_version // 10000

    @property
    def superuser(self) -> bool:
        """Whether the sessions have all rights."""
        return self._connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (
            True,
        )

    @property
    def migrator(self) -> str:
        """The role that migrations run as."""
        return self._connection.info.user

    @property
    def _connection(self) -> Connection:
        assert self._admin is not None, "the server is open"
        return self._admin

    def session(self) -> Connector:
        """Opens sessions as the user of the URL."""
        return Connector(make_conninfo(self._url, dbname=self.database), timeout=self._timeout)

    def inspector(self) -> Connector:
        """Opens sessions that look, as the same user."""
        address = make_conninfo(self._url, dbname=self.database)
        return inspector(address, major=self.major, superuser=self.superuser, timeout=self._timeout)

    def _refuse_without_rights(self) -> None:
        row = self._connection.execute(
            "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        if row != (True,):
            ways = "a server by shadow_url" if self._beside else "another server by shadow_url"
            raise ShadowFailed(
                f"{self._connection.info.user} may not create databases on {self._connect.label}.",
                hint=f'Rehearse on a server of our own (shadow = "local"), name {ways}, or have an administrator run '
                f"ALTER ROLE {name(self._connection.info.user)} CREATEDB.",
            )

    def _clear_abandoned(self) -> None:
        for (database,) in self._connection.execute(_ABANDONED).fetchall():
            # Another rehearsal may do the same now, and another role's is not ours to drop.
            with suppress(psycopg.Error):
                self._connection.execute(f"DROP DATABASE {name(database)} WITH (FORCE)")

    def _refuse_without_roles(self) -> None:
        wanted = [role.name for role in self._origin.roles] if self._origin.copied else []
        there = {role for (role,) in self._connection.execute("SELECT rolname FROM pg_roles")}
        if missing := [role for role in wanted if role not in there]:
            raise ShadowFailed(
                f"Roles that the target's schema names do not exist on {self._connect.label}: {', '.join(missing)}.",
                hint="Create them there, or rehearse on a server of our own, which imitates them.",
                roles=missing,
            )

    def dress(self) -> None:
        """Give the database the settings, privileges and the comment of the target's, once its schema is there."""
        settings = tuple(setting for setting in self._origin.settings if setting.in_database)
        self._dress(self._origin.grants, settings, self._origin.comment)

    def _dress(self, grants: tuple[Grant, ...] | None, settings: tuple[Setting, ...], comment: str | None) -> None:
        statements = [*(set_grants(grants, self.database, self._connection.info.user) if grants is not None else ())]
        statements += [set_setting(setting, self.database) for setting in settings]
        if comment is not None:
            statements.append(f"COMMENT ON DATABASE {name(self.database)} IS {literal(comment)}")
        for statement in statements:
            attempt(self._connection, statement, "something of the database could not be imitated", self._say)

    def save(self) -> None:
        """Keep the database as it is now. Ends every session on it."""
        with self.inspector()() as look:
            settings = tuple(setting for setting in read_settings(look) if setting.in_database)
            self._kept = (read_grants(look), settings, read_comment(look))
        vacate(self._connection, self.database)
        self._drop(f"{self.database}_kept")
        self._copy(self.database, f"{self.database}_kept")

    def restore(self) -> None:
        """Bring it back as it was kept. Ends every session on it."""
        vacate(self._connection, self.database)
        self._drop(self.database)
        self._copy(f"{self.database}_kept", self.database)
        self._dress(*self._kept)

    def _copy(self, source: str, database: str) -> None:
        run(self._connection, [f"CREATE DATABASE {name(database)} TEMPLATE {name(source)}"])

    def _drop(self, database: str) -> None:
        run(self._connection, [f"DROP DATABASE IF EXISTS {name(database)} WITH (FORCE)"])

    def supply_role(self, role: str) -> bool:
        """No role is made on a server that others use: beside the target it is missing there as well."""
        if self._beside:
            return False
        raise ShadowFailed(
            f"The role {role} does not exist on {self._connect.label}.",
            hint="Create it there, or rehearse on a server of our own, which makes it.",
            role=role,
        )

    def close(self) -> None:
        """Drop the databases, and end the sessions. Never raises."""
        if self._admin is None:
            return
        for database in (self.database, f"{self.database}_kept"):
            with suppress(psycopg.Error):
                self._drop(database)
        with suppress(psycopg.Error):
            self._admin.close()
        self._admin = None
