"""What the statements of a run do on MariaDB and MySQL: by which algorithm, what they block, and what is written anew.

On MySQL, which has no NOCOPY, INPLACE does not tell whether a table is rebuilt: only COPY counts as a rewrite there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.names import Named, named
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.target import MysqlTarget
from surefoot.engine.dialects.mysql.trace.alteration import Alteration, read_alteration
from surefoot.engine.dialects.mysql.trace.probe import Course, Probe
from surefoot.engine.dialects.mysql.trace.writes import written_by
from surefoot.engine.effects import Effect, Lock
from surefoot.engine.events import Event, Retrying, StatementFinished, StatementStarted, StepStarted
from surefoot.errors import SurefootError

_TABLES = "SELECT table_name FROM information_schema.TABLES WHERE table_schema = %s"
# They change how the server carries a change out, and whether it takes it.
_SETTINGS = ("foreign_key_checks", "sql_mode")
_ASK = f"SELECT {', '.join(f'@@SESSION.{name}' for name in _SETTINGS)}"
_EXCLUSIVE = frozenset({("DROP", "TABLE"), ("RENAME", "TABLE")})


@dataclass(slots=True)
class MysqlTracer:
    """Finds out, just before a statement runs, how the server will carry it out.

    Tables that the run itself has made count for nothing. `mariadb` says that NOCOPY is known.
    """

    target: MysqlTarget
    probe: Probe
    mariadb: bool
    _effects: list[Effect] = field(default_factory=list)
    _mark: int = 0
    _begun: Effect | None = None
    _written: list[frozenset[str] | None] = field(default_factory=list)
    # The tables that were there before the run: their names now, and then.
    _names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = fetch(self.probe.connection, _TABLES, (self.probe.shadow,))
        self._names = {str(name): str(name) for (name,) in rows}

    def __call__(self, event: Event) -> None:
        """Be told of an event, on the run's own thread."""
        if isinstance(event, StepStarted):
            self._mark = len(self._effects)
        elif isinstance(event, Retrying):
            self._written.append(None)
            del self._effects[self._mark :]
        elif isinstance(event, StatementStarted):
            self._begun = self._look(event)
        elif isinstance(event, StatementFinished) and self._begun is not None:
            self._effects.append(replace(self._begun, duration_ms=event.duration_ms, rows=event.rows))
            self._written.append(written_by(self._begun.sql))
            self._follow(named(self._begun.sql))
            self._begun = None

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What each statement that finished did, in order."""
        return tuple(self._effects)

    @property
    def written(self) -> frozenset[str] | None:
        """The tables and sequences whose rows the run may have changed; None where that is not known.

        It is known of changes of definitions: each concerns the tables that it names. What else there is can have
        called, fired and cascaded to anything.
        """
        if None in self._written or self._case_matters() is None:
            return None
        names = {name for names in self._written for name in names or ()}
        titles = {title(name if self._case_matters() else name.lower()) for name in names}
        return frozenset(titles | {f"{name} (history)" for name in titles})

    def _case_matters(self) -> bool | None:
        """Whether names keep their case; None where they do, and it makes no difference."""
        [(how,)] = fetch(self.probe.connection, "SELECT @@lower_case_table_names")
        return {0: True, 1: False}.get(int(how))

    def _look(self, event: StatementStarted) -> Effect:
        effect = Effect(event.position, event.path, event.line, event.sql, event.transactional, 0)
        alteration = read_alteration(event.sql)
        if alteration is None:
            return replace(effect, locks=self._locked(event.sql))
        table = self._names.get(alteration.table)
        if table is None:
            return effect
        return self._changed(effect, alteration, title(table))

    def _locked(self, sql: str) -> tuple[Lock, ...]:
        """Nobody uses a table while it is dropped, renamed or emptied, if only for a moment."""
        made = named(sql)
        if made is None or (made.verb, made.kind) not in _EXCLUSIVE:
            return ()
        tables = [self._names[name[-1]] for name in made.names if name[-1] in self._names]
        return tuple(Lock(title(table), "EXCLUSIVE", taken=True) for table in dict.fromkeys(tables))

    def _changed(self, effect: Effect, alteration: Alteration, table: str) -> Effect:
        if alteration.of_partitions:
            rewrites = (table,) if alteration.moves_rows else ()
            return replace(effect, locks=(Lock(table, "EXCLUSIVE", taken=True),), rewrites=rewrites)
        course = Course("COPY", "SHARED", builds=False) if alteration.repartitions else self._course(alteration)
        if course is None:
            return replace(effect, algorithm=alteration.algorithm, complete=False)
        rewrites = (table,) if course.algorithm == "COPY" or (course.algorithm == "INPLACE" and self.mariadb) else ()
        return replace(
            effect,
            algorithm=alteration.algorithm or course.algorithm,
            locks=(Lock(table, course.lock, taken=True),),
            rewrites=rewrites,
            builds=(table,) if course.builds and not rewrites else (),
        )

    def _course(self, alteration: Alteration) -> Course | None:
        with suppress(pymysql.Error, OSError, SurefootError):
            settings = dict(zip(_SETTINGS, self.target.query(_ASK)[0], strict=True))
            return self.probe.try_out(alteration, settings)
        return None

    def _follow(self, made: Named | None) -> None:
        """Keep track of tables that are renamed or dropped."""
        if made is None or made.kind != "TABLE":
            return
        names = [name[-1] for name in made.names]
        if made.verb == "DROP":
            for name in names:
                self._names.pop(name, None)
        elif made.verb == "RENAME":
            for old, new in zip(names[::2], names[1::2], strict=False):
                self._rename(old, new)
        elif made.verb == "ALTER" and len(names) > 1:
            self._rename(names[0], names[-1])

    def _rename(self, old: str, new: str) -> None:
        if old in self._names:
            self._names[new] = self._names.pop(old)
