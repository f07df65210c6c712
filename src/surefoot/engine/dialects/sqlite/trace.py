"""What the statements of a run do on SQLite: which tables they write to, read through, and make anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from surefoot.engine.dialects.sqlite.program import Catalogue, Program, read_catalogue, read_program
from surefoot.engine.dialects.sqlite.split import words_of
from surefoot.engine.dialects.sqlite.target import SqliteTarget
from surefoot.engine.dialects.sqlite.tokens import quote_name
from surefoot.engine.effects import Effect
from surefoot.engine.events import Event, Retrying, StatementFinished, StatementStarted, StepStarted
from surefoot.engine.model import Statement

_SEQUENCE = "sqlite_sequence"


@dataclass(frozen=True, slots=True)
class _Done:
    """A statement that has run: what it was to do, and what there was before and after it."""

    event: StatementStarted
    statement: Statement
    program: Program
    before: Catalogue
    after: Catalogue
    duration_ms: int
    rows: int | None

    @property
    def changed(self) -> frozenset[str]:
        """The tables that it made, dropped, renamed or altered."""
        return frozenset(name for name, _ in self.before.tables.items() ^ self.after.tables.items())

    @property
    def renamed(self) -> tuple[str, str] | None:
        """The old and the new name of the table that it renamed."""
        gone, new = self.before.tables.keys() - self.after.tables, self.after.tables.keys() - self.before.tables
        return (gone.pop(), new.pop()) if self.alters and len(gone) == len(new) == 1 else None

    @property
    def alters(self) -> bool:
        """Whether it is an ALTER TABLE."""
        return self.statement.words[:1] == ("ALTER",)


@dataclass(slots=True)
class SqliteTracer:
    """Measures on the run's own session, by what the library says of each statement just before it runs."""

    target: SqliteTarget
    _done: list[_Done] = field(default_factory=list)
    _mark: int = 0
    _begun: tuple[StatementStarted, Statement, Program, Catalogue] | None = None
    _unknown: bool = False
    # What the last statement left; whatever else happens between two of them begins with a step.
    _now: Catalogue | None = None

    def __call__(self, event: Event) -> None:
        """Be told of an event, on the run's own thread."""
        if isinstance(event, StepStarted):
            self._mark, self._now = len(self._done), None
        elif isinstance(event, Retrying):
            del self._done[self._mark :]
            self._now = None
        elif isinstance(event, StatementStarted):
            self._begin(event)
        elif isinstance(event, StatementFinished):
            self._finish(event)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What each statement that finished did, in order."""
        return tuple(_effects(self._done))

    @property
    def written(self) -> frozenset[str] | None:
        """The tables and sequences whose rows the run may have changed; None where that is not known."""
        if self._unknown:
            return None
        tables = {name for done in self._done for name in done.program.writes | done.changed}
        counted = tables | (
            {name for done in self._done for name in done.after.tables} if _SEQUENCE in tables else set()
        )
        positions = {f"{_SEQUENCE}.{quote_name(name)}" for name in counted}
        return frozenset({quote_name(name) for name in tables if not name.startswith("sqlite_")} | positions)

    def _begin(self, event: StatementStarted) -> None:
        statement = Statement(event.sql, event.path, event.line, words_of(event.sql))
        before = self._now or read_catalogue(self.target.connection)
        program = read_program(self.target.connection, before, statement)
        self._unknown |= not program.known
        self._begun = event, statement, program, before

    def _finish(self, event: StatementFinished) -> None:
        if self._begun is not None:
            self._now = read_catalogue(self.target.connection)
            self._done.append(_Done(*self._begun, self._now, event.duration_ms, event.rows))
            self._begun = None


@dataclass(frozen=True, slots=True)
class _Course:
    """The tables of a run by numbers, which they keep when they are renamed: before each statement, and at the end."""

    numbers: tuple[dict[str, int], ...]

    def old(self, position: int, names: AbstractSet[str]) -> frozenset[str]:
        """Those of the tables that were there before the run, by the names they had; names are those at a position."""
        first = {number: name for name, number in self.numbers[0].items() if not name.startswith("sqlite_")}
        found = (first.get(self.numbers[position].get(name, -1)) for name in names)
        return frozenset(quote_name(name) for name in found if name is not None)

    def successors(self) -> dict[int, str]:
        """The new tables that have the names of old ones at the end."""
        first, last = self.numbers[0], self.numbers[-1]
        return {number: quote_name(name) for name, number in last.items() if name in first and number >= len(first)}


def _course(all_done: Sequence[_Done]) -> _Course:
    now = {name: number for number, name in enumerate(all_done[0].before.tables)}
    numbers, count = [now], len(now)
    for done in all_done:
        old, new = done.renamed or ("", "")
        moved = {new if name == old else name: number for name, number in now.items()}
        made = [name for name in done.after.tables if name not in moved]
        now = {name: number for name, number in moved.items() if name in done.after.tables}
        now |= {name: count + index for index, name in enumerate(made)}
        count += len(made)
        numbers.append(now)
    return _Course(tuple(numbers))


def _effects(all_done: Sequence[_Done]) -> Iterator[Effect]:
    if not all_done:
        return
    course = _course(all_done)
    successors = course.successors()
    for position, done in enumerate(all_done):
        rewrites = course.old(position, _rewritten(done)) | _filled(done, course.numbers[position], successors)
        yield Effect(
            done.event.position,
            done.event.path,
            done.event.line,
            done.event.sql,
            done.event.transactional,
            done.duration_ms,
            done.rows,
            rewrites=tuple(sorted(rewrites)),
            scans=tuple(sorted(course.old(position, _scanned(done)))),
            algorithm="rebuild" if rewrites else "instant" if done.alters else "",
            builds=tuple(sorted(course.old(position, _indexed(done)))),
        )


def _rewritten(done: _Done) -> AbstractSet[str]:
    """The tables that the statement itself writes anew, page by page."""
    if done.statement.words[:1] == ("VACUUM",):
        return done.before.tables.keys()
    return done.program.writes & done.changed if done.alters else frozenset()


def _filled(done: _Done, numbers: Mapping[str, int], successors: Mapping[int, str]) -> frozenset[str]:
    """The old tables of which it writes the rows into the new ones that take their places."""
    written = {numbers.get(name, -1) for name in done.program.writes} if not done.alters else set()
    return frozenset(successors[number] for number in written if number in successors)


def _scanned(done: _Done) -> AbstractSet[str]:
    return done.program.scans | (done.changed if done.alters and done.program.checks else frozenset())


def _indexed(done: _Done) -> AbstractSet[str]:
    return {table for index, table in done.after.indexes.items() if index not in done.before.indexes}
