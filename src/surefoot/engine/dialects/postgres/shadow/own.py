"""A PostgreSQL server of our own for one rehearsal: its roles are the target's, and nobody else is on it."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.embedded import EmbeddedPostgres
from surefoot.engine.dialects.postgres.shadow import kept
from surefoot.engine.dialects.postgres.shadow.admin import Say, attempt, make_database, run, vacate
from surefoot.engine.dialects.postgres.shadow.home import Home, clear_abandoned
from surefoot.engine.dialects.postgres.shadow.origin import Origin
from surefoot.engine.dialects.postgres.shadow.sessions import inspector
from surefoot.engine.dialects.postgres.shadow.statements import (
    create_database,
    create_role,
    grant_membership,
    literal,
    name,
    set_grants,
    set_setting,
)
from surefoot.engine.model import Timeouts
from surefoot.errors import SurefootError

Connection = psycopg.Connection[tuple[Any, ...]]
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "wal_level": "logical",
    "track_counts": "on",
    # A scan by a worker of its own would not be counted in the session.
    "max_parallel_maintenance_workers": "0",
    "max_connections": "40",
    # Restoring a large schema, and a migration that changes all of it, lock every table.
    "max_locks_per_transaction": "1024",
}
_COPY = "surefoot_kept"


class OwnServer:
    """A server of our own with an empty database that is named, owned and sorted as the target's is."""

    superuser = True

    def __init__(self, origin: Origin, programs: Path, timeouts: Timeouts, say: Say) -> None:
        self.database = origin.database
        self.migrator = origin.migrator
        self._origin = origin
        self._programs = programs
        self._timeout = timeouts.connect
        self._say = say
        self._home: Home | None = None
        self._server: EmbeddedPostgres | None = None
        self._address = ""
        self._admin: Connection | None = None
        self._system: bytes | None = None
        self.label = "a PostgreSQL of our own"

    def open(self) -> None:
        """Start the server; make roles and the database. Raises ToolFailed, ShadowFailed."""
        clear_abandoned(self._remove)
        self._home = Home()
        self._server = EmbeddedPostgres(
            self._home.path / "data", self._programs, {**SETTINGS, **self._origin.server_settings}
        )
        self._server.start()
        self._move_in(self._server.url())
        self.label = f"PostgreSQL {self._connection.info.parameter_status('server_version')} of our own"
        self._make_roles()
        self._make_tablespaces()
        self._make_database()

    @property
    def major(self) -> int:
        """The server's major version."""
        return self._connection.info.server_version // 10000

    @property
    def _connection(self) -> Connection:
        assert self._admin is not None, "the server is open"
        return self._admin

    def session(self) -> Connector:
        """Opens sessions as the role that migrations run as, with the options that it has on the target."""
        options = {"options": self._origin.options} if self._origin.options else {}
        address = make_conninfo(self._address, dbname=self.database, user=self._origin.migrator, **options)
        return Connector(address, timeout=self._timeout)

    def inspector(self) -> Connector:
        """Opens sessions of a superuser."""
        address = make_conninfo(self._address, dbname=self.database)
        return inspector(address, major=self.major, superuser=True, timeout=self._timeout)

    def _move_in(self, url: str) -> None:
        """Be the server's first superuser, under the name that he has on the target; keep off the shadow's name."""
        self._address = make_conninfo(url)
        first, database = self._origin.bootstrap, "postgres"
        self._admin = self._connect(dbname="template1")
        if self.database == database:
            database = "surefoot_maintenance"
            self._run(f"ALTER DATABASE postgres RENAME TO {database}")
        if first != "postgres":
            self._run("CREATE ROLE surefoot_renames SUPERUSER LOGIN")
            with self._connect(dbname=database, user="surefoot_renames") as other:
                other.execute(f"ALTER ROLE postgres RENAME TO {name(first)}")
            self._run("DROP ROLE surefoot_renames")
        self._admin.close()
        self._address = make_conninfo(self._address, user=first, dbname=database)
        self._admin = self._connect()

    def _connect(self, **parameters: str) -> Connection:
        return Connector(make_conninfo(self._address, **parameters), timeout=self._timeout)()

    def _run(self, *statements: str) -> None:
        run(self._connection, statements)

    def _make_roles(self) -> None:
        self._run(*(create_role(role) for role in self._origin.roles))
        for membership in self._origin.memberships:
            self._attempt(
                grant_membership(membership, self.major),
                f"the membership of {membership.member} in {membership.role} could not be imitated",
            )

    def _attempt(self, statement: str, complaint: str) -> None:
        attempt(self._connection, statement, complaint, self._say)

    def _make_tablespaces(self) -> None:
        """Inside the data directory: a tablespace is a name here, and no other disk."""
        made = {self._origin.bootstrap, *(role.name for role in self._origin.roles)}
        for tablespace, owner in self._origin.tablespaces:
            whose = f" OWNER {name(owner)}" if owner in made else ""
            for statement in (
                "SET allow_in_place_tablespaces = on",
                f"CREATE TABLESPACE {name(tablespace)}{whose} LOCATION ''",
            ):
                self._attempt(statement, f"the tablespace {tablespace} could not be imitated")

    def _make_database(self) -> None:
        ways = create_database(self._origin, self.database, self._origin.owner, self.major, fast=True)
        make_database(self._connection, ways, self._say)
        if self.major >= 18:
            with suppress(psycopg.Error):
                self._run("SET file_copy_method = clone")

    def dress(self) -> None:
        """Give the database the settings, privileges and the comment of the target's, once its schema is there."""
        origin = self._origin
        if origin.comment is not None:
            self._run(f"COMMENT ON DATABASE {name(self.database)} IS {literal(origin.comment)}")
        if origin.grants is not None:
            self._run(*set_grants(origin.grants, self.database, origin.owner))
        for setting in origin.settings:
            self._attempt(set_setting(setting, self.database), f"the setting {setting.name} could not be imitated")

    def save(self) -> None:
        """Keep the database and the roles as they are now. Ends every session on the database."""
        vacate(self._connection, self.database)
        self._run(f"DROP DATABASE IF EXISTS {_COPY} WITH (FORCE)")
        self._copy(self.database, _COPY)
        kept.remember(self._connection, _COPY)
        self._system = self._system_file.read_bytes()

    def restore(self) -> None:
        """Bring them back as they were kept. Ends every session on the database."""
        vacate(self._connection, self.database)
        self._run(f"DROP DATABASE {name(self.database)} WITH (FORCE)", *kept.strangers(self._connection))
        self._copy(_COPY, self.database)
        kept.recall(self._connection, self.database)
        if self._system is not None and self._system_file.read_bytes() != self._system:
            self._system_file.write_bytes(self._system)
            self._run("SELECT pg_reload_conf()")

    @property
    def _system_file(self) -> Path:
        """Where ALTER SYSTEM writes."""
        assert self._server is not None, "the server is open"
        return self._server.data / "postgresql.auto.conf"

    def _copy(self, source: str, database: str) -> None:
        # Without fsync, copied files are there sooner than pages that go through the log.
        strategy = " STRATEGY file_copy" if self.major >= 15 else ""
        statement = f"CREATE DATABASE {name(database)} TEMPLATE {name(source)}{strategy}"
        try:
            self._run(statement)
        except psycopg.errors.SystemError:
            # A file system that cannot clone says so only now.
            self._run("SET file_copy_method = copy", statement)

    def supply_role(self, role: str) -> bool:
        """Make a role that migrations name, as it is on the target if it is there."""
        known = self._origin.known.get(role)
        if known is None and self._origin.copied:
            return False
        self._run(create_role(known) if known else f"CREATE ROLE {name(role)} NOLOGIN")
        kept.remember_role(self._connection, role)
        self._say(f"role {role} did not exist here and was made for the rehearsal")
        return True

    def close(self) -> None:
        """Stop the server and remove all of it. Never raises."""
        if self._admin is not None:
            with suppress(psycopg.Error):
                self._admin.close()
        if self._home is not None:
            self._remove(self._home.path)
            self._home.give_up()
            self._home = None

    def _remove(self, home: Path) -> None:
        with suppress(SurefootError, OSError):
            EmbeddedPostgres(home / "data", self._programs).stop()
        shutil.rmtree(home, ignore_errors=True)
