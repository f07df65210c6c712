"""What a shadow database begins with: nothing, the target's own schema, or a file of SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import psycopg

from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.shadow import copy
from surefoot.engine.dialects.postgres.shadow.admin import Say, attempt
from surefoot.engine.dialects.postgres.shadow.extensions import as_owner, cut_off, extension_owners
from surefoot.engine.dialects.postgres.shadow.origin import Origin
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.shadow import Place
from surefoot.engine.model import Statement
from surefoot.errors import ShadowFailed, StatementFailed

Supply = Callable[[StatementFailed], bool]
_LACKS = {"public": "DROP SCHEMA public", "plpgsql": "DROP EXTENSION plpgsql"}


class Server(Protocol):
    """The server with the new database on it."""

    @property
    def label(self) -> str:
        """The database, for a person."""

    @property
    def superuser(self) -> bool:
        """Whether the sessions that look have all rights."""

    def session(self) -> Connector:
        """Opens sessions as the role that migrations run as."""

    def inspector(self) -> Connector:
        """Opens sessions that look."""

    def dress(self) -> None:
        """Give the database what belongs to it beside its schema."""


def build(
    server: Server, place: Place, origin: Origin, target: PostgresTarget | None, supply: Supply, say: Say
) -> None:
    """Fill the new database with what the rehearsal begins with. Raises ShadowFailed, ToolFailed."""
    if place.copy_schema and target is not None:
        _copy_target(server, place, origin, target, supply, say)
    server.dress()
    if place.dump is not None:
        _run_file(server, place.dump, supply)


def _copy_target(
    server: Server, place: Place, origin: Origin, target: PostgresTarget, supply: Supply, say: Say
) -> None:
    real = target.connection
    text = copy.dump_schema(real, place.schema, tablespaces=not place.shadow_url)
    session = _restorer(server)
    try:
        for missing in origin.lacks:
            attempt(session.connection, _LACKS[missing], f"the shadow has {missing}, the target has not", say)
        owners = extension_owners(real) if server.superuser else {}
        copy.restore(session, text, "the target's schema", _runner(owners, supply))
        _cut_off(session, say)
        for note in (*copy.left_out(real), *copy.refresh_views(real, session.connection)):
            say(note)
        if server.superuser:
            copy.carry_estimates(real, session.connection)
    finally:
        session.close()


def _run_file(server: Server, path: Path, supply: Supply) -> None:
    """As the role that migrations run as: what the file gives no owner is theirs."""
    connector = server.session()
    session = PostgresTarget(connector, label=connector.label)
    try:
        copy.restore(session, copy.read_file(path), str(path), _runner({}, supply))
    finally:
        session.close()


def _restorer(server: Server) -> PostgresTarget:
    """A session with all rights, where there is one, for a dump that says to whom everything belongs."""
    return PostgresTarget(server.inspector(), label=server.label)


def _runner(owners: Mapping[str, str], supply: Supply) -> copy.Run:
    def run(session: PostgresTarget, statement: Statement) -> None:
        while True:
            try:
                with as_owner(session, statement, owners):
                    _send(session, statement)
                return
            except StatementFailed as error:
                if not supply(error):
                    raise

    return run


def _send(session: PostgresTarget, statement: Statement) -> None:
    if statement.words[:1] in copy.TRANSACTIONS:
        # A migration may not end its transaction; a dump may.
        session.query(statement.sql)
    else:
        session.execute(statement)


def _cut_off(session: PostgresTarget, say: Say) -> None:
    try:
        for wrapper in cut_off(session.connection):
            say(f"foreign tables of {wrapper} cannot be read or written: what they lead to is real")
    except psycopg.errors.InsufficientPrivilege as error:
        raise ShadowFailed(
            "The target's schema has foreign tables: on a shadow they would lead to the real servers.",
            hint="Rehearse on a server of our own, or with a superuser, who can cut them off.",
        ) from error
