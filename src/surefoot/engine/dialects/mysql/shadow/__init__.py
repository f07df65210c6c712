"""Shadow databases on MariaDB and MySQL: a scratch database on the target's server, or on another one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

import pymysql

from surefoot.engine.dialects.generate.fill import Asked
from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import Connection, Connector, is_mariadb, read_url
from surefoot.engine.dialects.mysql.failures import translate
from surefoot.engine.dialects.mysql.names import located
from surefoot.engine.dialects.mysql.reverse import reverse
from surefoot.engine.dialects.mysql.rows import fill
from surefoot.engine.dialects.mysql.rows.read import read_rows
from surefoot.engine.dialects.mysql.rows.seed import take_rows
from surefoot.engine.dialects.mysql.shadow import server
from surefoot.engine.dialects.mysql.shadow.guard import Guard
from surefoot.engine.dialects.mysql.shadow.keep import Kept, bring_back, keep, lower, options
from surefoot.engine.dialects.mysql.shadow.replay import Maker, drop
from surefoot.engine.dialects.mysql.shadow.texts import has_unseen, statements_of
from surefoot.engine.dialects.mysql.snapshot import take
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.snapshot.stored import Stored, collect
from surefoot.engine.dialects.mysql.split import split_for_run
from surefoot.engine.dialects.mysql.tables import OWN
from surefoot.engine.dialects.mysql.target import MysqlTarget
from surefoot.engine.dialects.mysql.trace import MysqlTracer
from surefoot.engine.dialects.mysql.trace.probe import Probe
from surefoot.engine.dialects.shadow import Place, Reversal, Tracer
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Fragment, Script, Statement
from surefoot.engine.rows import TableRows, Unfilled
from surefoot.engine.snapshot import Difference, Snapshot
from surefoot.errors import ShadowFailed, StatementFailed, UsageError

Result = TypeVar("Result")


class MysqlShadow:
    """A throw-away database on a server that exists; see `Shadow` for what each method promises.

    The rows that it holds when it is saved are kept in memory.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._connector = server.connector_of(place)
        self._keeper: Connection | None = None
        self._name = ""
        self._target: MysqlTarget | None = None
        self._kept: Kept | None = None
        self._loose: frozenset[str] = frozenset()
        self._notes: list[str] = []

    @property
    def label(self) -> str:
        """The server and the database, for a person."""
        return server.to_database(self._connector, self._name).address.label

    @property
    def target(self) -> Target:
        """The session on which migrations run. A new one after `restore`."""
        assert self._target is not None, "the shadow is open"
        return self._target

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be arranged so far, in words."""
        return tuple(dict.fromkeys(self._notes))

    def open(self) -> None:
        """Make the database. Raises ShadowFailed, Unreachable, StatementFailed."""
        self._keeper = server.connected(self._connector)
        self._looking(server.clear_away)
        self._name = self._looking(server.new_name)
        if self._place.copy_schema and self._place.target_url:
            self._copy(self._place.target_url)
        else:
            server.create(self._connection, self._name)
        preamble = (Fragment(sql) for sql in self._place.preamble)
        self._guard().check(split_for_run(Script("preamble", tuple(preamble))).statements)
        self._connect()
        if self._place.dump:
            self._run_file(self._place.dump)

    def close(self) -> None:
        """Remove the database. Never raises."""
        if self._target is not None:
            self._target.close()
        if self._keeper is None:
            return
        keeper = self._keeper
        with suppress(Exception):
            keeper = keeper if self._answers(keeper) else self._connector()
        if self._name:
            server.drop(keeper, self._name)
        with suppress(pymysql.Error, OSError):
            keeper.close()
        self._keeper = self._target = None

    def _answers(self, connection: Connection) -> bool:
        try:
            connection.ping(reconnect=False)
        except (pymysql.Error, OSError):
            return False
        return True

    @property
    def _connection(self) -> Connection:
        assert self._keeper is not None, "the shadow is open"
        return self._keeper

    def _looking(self, look: Callable[[Connection], Result]) -> Result:
        """Look through the shadow's own session."""
        try:
            return look(self._connection)
        except (pymysql.Error, OSError) as error:
            raise translate(error, self.label, cancelled=False, statement=None) from error

    def _connect(self) -> None:
        """Open the session on which migrations run."""
        if self._target is not None:
            self._target.close()
        connector = server.to_database(self._connector, self._name)
        place = self._place
        self._target = MysqlTarget(
            connector,
            connector.address,
            preamble=place.preamble,
            timeouts=place.timeouts,
            check=self._check_text,
        )
        self._target.open()

    def _guard(self) -> Guard:
        """What migrations must not name: all databases that the user sees, and the target's in any case."""
        names = self._looking(lambda connection: server.others(connection, self._name))
        if self._place.target_url:
            names |= {read_url(self._place.target_url).database.lower()}
        return Guard(
            names,
            awake=self._looking(server.runs_events),
            literal=self._looking(server.takes_backslashes_literally),
            unseen=self._looking(lambda connection: has_unseen(connection, self._name)),
        )

    def _check_text(self, connection: Connection, statement: Statement) -> None:
        """Raise StatementFailed where the statement is about to run a text that would reach beyond the shadow."""
        found = statements_of(connection, statement)
        try:
            if found:
                self._guard().check(found)
        except ShadowFailed as error:
            raise StatementFailed(error.message, hint=error.hint, **error.details) from error

    def _copy(self, url: str) -> None:
        """Begin with the target's schema, without rows and Surefoot's own tables."""
        origin = Connector(url, timeout=self._place.timeouts.connect)
        source = server.connected(origin)
        try:
            database = origin.address.database
            objects = [item for item in collect(source, database) if item.name not in OWN]
            migrator = str(fetch(source, "SELECT CURRENT_USER()")[0][0])
            server.create(self._connection, self._name, options(source, database))
        except pymysql.Error as error:
            raise translate(error, origin.address.label, cancelled=False, statement=None) from error
        finally:
            source.close()
        guard = self._guard()
        maker = self._maker(database, migrator)
        for item in objects:
            guard.check_copy(item.kind, item.name, maker.sql(item))
        self._looking(lambda _: maker.prepare())
        self._looking(lambda _: maker.make(objects))
        self._notes += maker.notes

    def _maker(self, origin: str, forget: str = "") -> Maker:
        awake = self._looking(server.runs_events)
        return Maker(self._connection, self._name, origin, forget, awake=awake)

    def _run_file(self, path: Path) -> None:
        """Run a file of SQL, statement by statement."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}.", hint="Give a file of SQL in UTF-8.") from error
        statements = split_for_run(Script(path.name, (Fragment(text),))).statements
        self.check(statements)
        for statement in statements:
            self.target.execute_outside(statement)
        self.target.commit()
        self._connect()

    def save(self) -> None:
        """Keep the present state, rows included; it takes the place of the one kept before."""
        self._kept = self._looking(lambda connection: keep(connection, self._name))
        self._loose = frozenset()

    def restore(self) -> None:
        """Go back to the state that was kept; it stays kept."""
        kept = self._kept
        if kept is None:
            raise ShadowFailed("No state of the shadow was kept.", hint="save() keeps one.")
        self.target.close()
        maker = self._maker(self._name)
        self._loose = self._looking(lambda _: bring_back(maker, kept))
        self._connect()

    def snapshot(self) -> Snapshot:
        """The schema now, without Surefoot's own tables."""
        return self._looking(lambda connection: take(connection, self._name))

    def excuse(self, difference: Difference) -> str | None:
        """Why a changed object is the same after all, or None."""
        facts = {fact.name for fact in difference.facts}
        if difference.key.kind == "event" and facts in ({"at"}, {"delay"}):
            return "it is due at the same time, or as long after it was made"
        return None

    def check(self, statements: Sequence[Statement]) -> None:
        """Raise ShadowFailed where a statement would reach beyond the shadow: real data may be there.

        Counters of the tables that the statements name are as they were kept, as soon as they run.
        """
        self._guard().check(statements)
        pieces = (piece for statement in statements for piece, _, _ in located(statement.sql))
        names = {piece.text.lower() for piece in pieces if piece.kind in {"word", "name"}}
        wanted = frozenset(table for table in self._loose if table.lower() in names)
        self._loose -= wanted
        kept = self._kept
        if kept is not None and wanted:
            self._looking(lambda connection: lower(connection, kept, wanted))

    def supply(self, error: StatementFailed) -> bool:
        """Nothing that a migration lacks here can be made: accounts belong to the server."""
        del error
        return False

    def trace(self) -> Tracer:
        """Begin to measure: the state now is the one before the run."""
        assert self._target is not None, "the shadow is open"
        probe = Probe(self._connection, self._name, server.clone_name(self._name))
        target = self._target
        return self._looking(lambda keeper: MysqlTracer(target, probe, is_mariadb(keeper)))

    def reverse(self, before: Snapshot, after: Snapshot) -> Reversal:
        """The statements that lead from `after` back to `before`, as far as they can be derived. Runs nothing."""
        return reverse(before, after)

    def fill(
        self, count: int, seed: str, tables: Collection[str] | None = None, *, plain: bool = False
    ) -> tuple[Unfilled, ...]:
        """Write `count` more generated rows into each table (or these); triggers do not fire for them."""
        with self._without_triggers(tables) as stored:
            asked = Asked(count, seed, plain)
            return self._looking(lambda connection: fill(connection, self._name, stored, asked))

    def load(self, seed: str) -> None:
        """Run a file of SQL, or take the rows of the database of this URL, table by table.

        Triggers do not fire for rows that are taken: what they would do is among those rows.
        """
        if not seed.lower().startswith(("mysql://", "mariadb://")):
            self._run_file(Path(seed))
            return
        origin = Connector(seed, timeout=self._place.timeouts.connect)
        source = server.connected(origin)
        try:
            with self._without_triggers(None) as stored:
                name = origin.address.database
                self._notes += self._looking(lambda own: take_rows(source, name, own, self._name, stored))
        finally:
            source.close()

    @contextmanager
    def _without_triggers(self, tables: Collection[str] | None) -> Iterator[list[Stored]]:
        """The tables of these names; what fires when rows are written to them is away meanwhile."""
        objects = self._looking(lambda connection: collect(connection, self._name))
        stored = [
            item
            for item in objects
            if item.kind == "table" and item.name not in OWN and (tables is None or title(item.name) in tables)
        ]
        names = {item.name for item in stored}
        triggers = [item for item in objects if item.kind == "trigger" and _fires(item, names)]
        for item in triggers:
            self._looking(partial(_drop, item=item))
        try:
            yield stored
        finally:
            maker = self._maker(self._name)
            self._looking(lambda _: maker.prepare())
            self._looking(lambda _: maker.make(triggers))

    def read_rows(self, tables: Collection[str] | None = None) -> Mapping[str, TableRows]:
        """The rows of these tables and sequences, or of all; those that are not there are left out."""
        return self._looking(lambda connection: read_rows(connection, self._name, tables))


def _fires(trigger: Stored, tables: Collection[str]) -> bool:
    return trigger.more["table"] in tables and not trigger.more["when"].endswith("UPDATE")


def _drop(connection: Connection, item: Stored) -> None:
    fetch(connection, drop(item))
