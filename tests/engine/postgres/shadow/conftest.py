"""Shadows that are closed at the end, and targets with roles of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from surefoot.engine.dialects.postgres.shadow import PostgresShadow
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.snapshot import Snapshot, without

RICH = Path(__file__).with_name("rich.sql")
Open = Callable[..., PostgresShadow]


@pytest.fixture
def shadow() -> Iterator[Open]:
    """Open a shadow at the place that these words describe."""
    with ExitStack() as stack:

        def open_(**place: Any) -> PostgresShadow:
            made = PostgresShadow(Place(**place))
            stack.callback(made.close)
            made.open()
            return made

        yield open_


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a server of the tests, as its superuser sees it; names of roles get a part of their own."""

    url: str

    @property
    def database(self) -> str:
        return str(conninfo_to_dict(self.url)["dbname"])

    def role(self, name: str) -> str:
        return f"{name}_{self.database}"

    def run(self, text: str, *, user: str | None = None) -> list[tuple[Any, ...]]:
        """Run statements with `{name}` for a role's name; the rows of the last one."""
        with psycopg.connect(self.url_of(user), autocommit=True) as connection:
            cursor = connection.execute(self.filled(text))
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def filled(self, text: str) -> bytes:
        for name in ("owner", "app", "reader", "migrator"):
            text = text.replace(f"{{{name}}}", self.role(name))
        return text.replace("{database}", self.database).encode()

    def url_of(self, user: str | None, **options: str) -> str:
        known = {**({"user": self.role(user)} if user else {}), **options}
        parts = {**conninfo_to_dict(self.url), **known}
        host, database = parts.pop("host"), parts.pop("dbname")
        query = "&".join(f"{key}={value}" for key, value in {"host": host, **parts}.items())
        return f"postgresql:///{database}?{query}"


@pytest.fixture
def server(postgres_url: str) -> Iterator[Server]:
    """A target on PostgreSQL 16, and on 18, whose roles are dropped in the end."""
    yield from _server(postgres_url)


@pytest.fixture
def server18(postgres18_url: str) -> Iterator[Server]:
    """A target on PostgreSQL 18, whose roles are dropped in the end."""
    yield from _server(postgres18_url)


def _server(url: str) -> Iterator[Server]:
    server = Server(url)
    yield server
    own = make_conninfo(url, dbname="postgres")
    with psycopg.connect(own, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(server.database)))
        roles = admin.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE %s", (f"%\\_{server.database}",))
        for (role,) in roles.fetchall():
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@pytest.fixture
def rich(server: Server) -> Server:
    """A target with one of nearly everything."""
    server.run(
        """
        CREATE ROLE {owner}; CREATE ROLE {app} LOGIN; CREATE ROLE {reader};
        GRANT {reader} TO {app} WITH ADMIN OPTION;
        ALTER DATABASE {database} SET search_path = sales, "$user", public;
        ALTER ROLE {app} IN DATABASE {database} SET work_mem = '5MB';
        ALTER ROLE {app} SET statement_timeout = '7s';
        GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app};
        COMMENT ON DATABASE {database} IS 'the shop'
        """
    )
    server.run(RICH.read_text())
    return server


def seen(snapshot: Snapshot, server: Server) -> Snapshot:
    """A snapshot without what tests share that run on the same server at the same time: roles and tablespaces."""
    kinds = ("role", "tablespace", "setting")
    return without(snapshot, lambda key: key.kind in kinds and not key.name.endswith(server.database))


def run(shadow: PostgresShadow, text: str) -> list[tuple[Any, ...]]:
    """Run a statement on a shadow as a migration would."""
    return shadow.target.query(text)
