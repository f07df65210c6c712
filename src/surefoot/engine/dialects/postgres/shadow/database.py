"""The shadow database on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres import snapshot
from surefoot.engine.dialects.postgres.connect import Connector
from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.shadow.base import build
from surefoot.engine.dialects.postgres.shadow.check import refuse_beyond
from surefoot.engine.dialects.postgres.shadow.installations import find_installation
from surefoot.engine.dialects.postgres.shadow.lacking import missing_role, refuse_missing_extension
from surefoot.engine.dialects.postgres.shadow.origin import Origin, read_origin
from surefoot.engine.dialects.postgres.shadow.own import OwnServer
from surefoot.engine.dialects.postgres.shadow.shared import SharedServer
from surefoot.engine.dialects.postgres.snapshot.catalog import Memory
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.postgres.trace import PostgresTracer
from surefoot.engine.dialects.shadow import Place, Reversal
from surefoot.engine.model import Statement
from surefoot.engine.rows import TableRows, Unfilled
from surefoot.engine.snapshot import Difference, Snapshot
from surefoot.errors import ShadowFailed, StatementFailed

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresShadow:
    """A throw-away PostgreSQL database; see `Shadow` for what each method promises.

    What only some rehearsals need is imported when they need it.
    """

    def __init__(self, place: Place) -> None:
        self.label = "a PostgreSQL of our own"
        self._place = place
        self._notes: list[str] = []
        self._server: OwnServer | SharedServer | None = None
        self._target: PostgresTarget | None = None
        self._inspector: Connection | None = None
        self._camera: Connection | None = None
        self._memory = Memory()

    def open(self) -> None:
        """Make the database, and fill it with its base. Raises ShadowFailed, Unreachable, ToolFailed."""
        try:
            self._open()
        except psycopg.Error as error:
            self.close()
            raise ShadowFailed(
                f"The shadow database could not be made: {' '.join(str(error).split())}.",
                hint="Name another PostgreSQL by postgres_bin, or a server by shadow_url.",
            ) from error
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        if self._place.target_url is None:
            self._make(Origin(), None)
            return
        with self._real_target(self._place.target_url) as target:
            self._make(read_origin(target, schema=self._place.copy_schema), target)

    @contextmanager
    def _real_target(self, url: str) -> Iterator[PostgresTarget]:
        connector = Connector(url, timeout=self._place.timeouts.connect)
        target = PostgresTarget(
            connector, label=connector.label, preamble=self._place.preamble, timeouts=self._place.timeouts
        )
        try:
            target.open()
            yield target
        finally:
            target.close()

    def _make(self, origin: Origin, target: PostgresTarget | None) -> None:
        self._server = self._choose(origin)
        self._server.open()
        self.label = self._server.label
        if origin.major is not None and self._server.major != origin.major:
            self._say(f"the shadow is PostgreSQL {self._server.major}, the target is {origin.major}")
        build(self._server, self._place, origin, target, self.supply, self._say)

    def _choose(self, origin: Origin) -> OwnServer | SharedServer:
        place = self._place
        url = place.target_url if place.beside else place.shadow_url
        if url is not None:
            return SharedServer(url, origin, place.timeouts, self._say, beside=place.beside)
        programs = find_installation(place.postgres_bin, origin.major)
        if origin.major is None:
            self._say(f"without a target, migrations ran as the superuser {origin.migrator}")
        return OwnServer(origin, programs, place.timeouts, self._say)

    def _say(self, note: str) -> None:
        if note not in self._notes:
            self._notes.append(note)

    def close(self) -> None:
        """Remove the database, and all that was made with it. Never raises."""
        self._leave()
        if self._server is not None:
            self._server.close()
            self._server = None

    def _leave(self) -> None:
        """End our sessions on the database."""
        if self._target is not None:
            self._target.close()
        for connection in (self._inspector, self._camera):
            if connection is not None:
                with suppress(psycopg.Error):
                    connection.close()
        self._inspector = self._camera = None

    @property
    def _open_server(self) -> OwnServer | SharedServer:
        if self._server is None:
            raise ShadowFailed("The shadow database is not open.", hint="Open it first.")
        return self._server

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be arranged so far."""
        return tuple(self._notes)

    @property
    def target(self) -> PostgresTarget:
        """The session on which migrations run."""
        if self._target is None:
            place, connector = self._place, self._open_server.session()
            self._target = PostgresTarget(
                connector,
                label=connector.label,
                schema=place.schema,
                preamble=place.preamble,
                timeouts=place.timeouts,
            )
        return self._target

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        """The session that looks, in no transaction before and after. What it cannot do is an error of ours."""
        with self._told():
            if self._inspector is None or self._inspector.closed:
                self._inspector = self._open_server.inspector()()
            yield self._inspector

    @contextmanager
    def _photographing(self) -> Iterator[Connection]:
        """A session for snapshots alone: the same queries again and again, which it prepares."""
        with self._told():
            if self._camera is None or self._camera.closed:
                self._camera = self._open_server.inspector()()
                self._camera.prepare_threshold = 0
            yield self._camera

    @contextmanager
    def _told(self) -> Iterator[None]:
        label = self._open_server.label
        try:
            yield
        except psycopg.Error as error:
            broken = any(seen is not None and seen.broken for seen in (self._inspector, self._camera))
            broken = broken or _is_unanswered(error)
            raise translate(error, label, broken=broken, cancelled=False, statement=None) from error

    def save(self) -> None:
        """Keep the present state. Ends the sessions; the target's connects again by itself."""
        self._leave()
        with self._administering():
            self._open_server.save()

    def restore(self) -> None:
        """Go back to the state that was kept."""
        self._leave()
        self._target = None
        with self._administering():
            self._open_server.restore()

    @contextmanager
    def _administering(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise ShadowFailed(
                f"The state of the shadow could not be kept or brought back: {' '.join(str(error).split())}.",
                hint="Rehearse again; where it happens again, tell us which migration it was.",
            ) from error

    def snapshot(self) -> Snapshot:
        """The schema now."""
        with self._photographing() as connection:
            return snapshot.read(connection, self._place.schema, self._open_server.migrator, memory=self._memory)

    def excuse(self, difference: Difference) -> str | None:
        """Why a changed object is the same after all, or None."""
        from surefoot.engine.dialects.postgres.snapshot.settle import settle

        with self._looking() as connection:
            return settle(connection, difference)

    def check(self, statements: Sequence[Statement]) -> None:
        """Raise ShadowFailed where a statement would reach beyond the shadow."""
        refuse_beyond(statements, shared=isinstance(self._server, SharedServer))

    def supply(self, error: StatementFailed) -> bool:
        """Make a role that is missing, where the server is our own. Raises ShadowFailed for an extension."""
        server = self._open_server
        refuse_missing_extension(error, server.label)
        role = missing_role(error)
        return role is not None and server.supply_role(role)

    def trace(self) -> PostgresTracer:
        """Begin to measure a run."""
        return PostgresTracer(self.target, self._open_server.inspector())

    def fill(
        self, count: int, seed: str, tables: Collection[str] | None = None, *, plain: bool = False
    ) -> tuple[Unfilled, ...]:
        """Write generated rows."""
        from surefoot.engine.dialects.postgres.rows import fill

        with self._looking() as connection:
            return fill(connection, count, seed, tables, self._place.schema, plain=plain)

    def load(self, seed: str) -> None:
        """Run a file of SQL, or take the rows of another database."""
        from surefoot.engine.dialects.postgres.rows import load

        with self._looking() as connection:
            load(connection, seed, self._place.schema)

    def read_rows(self, tables: Collection[str] | None = None) -> Mapping[str, TableRows]:
        """The rows of these tables and sequences, or of all."""
        from surefoot.engine.dialects.postgres.rows import read_rows

        with self._looking() as connection:
            return read_rows(connection, tables, self._place.schema)

    def reverse(self, before: Snapshot, after: Snapshot) -> Reversal:
        """The statements that lead back, as far as they can be derived."""
        from surefoot.engine.dialects.postgres.reverse import reverse

        return reverse(before, after)


def _is_unanswered(error: psycopg.Error) -> bool:
    """Whether a server did not answer at all, or only that it starts, stops or recovers (class 57P)."""
    return isinstance(error, psycopg.OperationalError) and (error.sqlstate or "57P").startswith("57P")
