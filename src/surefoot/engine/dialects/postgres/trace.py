"""Measures what the statements of a run do on PostgreSQL: locks, rewrites, scans, and what they leave unfinished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import psycopg

from surefoot.engine.dialects.postgres import trace_look as looks
from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.lexer import LEXICON
from surefoot.engine.dialects.postgres.target import PostgresTarget
from surefoot.engine.dialects.postgres.trace_changes import compare_files, name_locks, name_written
from surefoot.engine.dialects.postgres.trace_look import MODES, Connection, Files, Held, Look
from surefoot.engine.dialects.postgres.trace_outside import Outside
from surefoot.engine.dialects.split import leading_words, word_set
from surefoot.engine.effects import Effect
from surefoot.engine.events import (
    BlockRecorded,
    Event,
    Retrying,
    RunFinished,
    StatementFinished,
    StatementStarted,
    StepStarted,
)
from surefoot.errors import SurefootError

# These take no snapshot (PlannedStmtRequiresSnapshot in PostgreSQL's pquery.c): a SET TRANSACTION may still follow, and
# has to come before any query, ours included.
_QUIET = word_set("SET RESET SHOW LOCK FETCH MOVE LISTEN NOTIFY UNLISTEN CHECKPOINT SAVEPOINT RELEASE ROLLBACK")
# The first version whose sessions can be made to tell at once what they have counted.
_TELLS = 150000
# So many INSERTs of the same shape are looked at one by one: a file of seeds has thousands.
_ROWS_SEEN = 20


@dataclass(frozen=True, slots=True)
class _State:
    """How far the run is: the files of tables and indexes, what is unfinished, and how many effects there are."""

    files: Files
    unfinished: frozenset[str]
    effects: int = 0


class PostgresTracer:
    """Measures one run on a session; see `Tracer` for what each method promises.

    Made before the run, it notes what is there. `connect` opens a second session on the same database with all rights:
    only statements outside a transaction, and a LOCK before anything else, need it. It is closed with the run.

    What a statement does in a transaction is exact, but for locks that it gave back itself (ROLLBACK TO SAVEPOINT, an
    EXCEPTION clause), and for a TRUNCATE in a function, which looks like a rewrite. Servers before 15 tell later what
    they scanned: there a scan may be named again, and outside a transaction none is.

    `written` is None where rows may have changed unseen: by a statement outside a transaction, by a trigger that waits
    for the commit, in a type that is a column's type elsewhere, by hand in the catalogue, or by way of another session,
    which takes dblink, a foreign server or an untrusted language. Large objects are not covered.
    """

    def __init__(self, target: PostgresTarget, connect: Callable[[], Connection]) -> None:
        """Raises what `Target.query` raises."""
        self._target = target
        self._connect = connect
        self._eyes: Connection | None = None
        self._outside: Outside | None = None
        start = self._look_around()
        self._relations = dict(start.relations)
        self._shared = start.shared
        self._last = max(self._relations, default=0)
        self._state = self._kept = _State(start.files, start.unfinished)
        self._effects: list[Effect] = []
        self._written: frozenset[str] = frozenset()
        self._sure = not start.beyond
        self._begun: StatementStarted | None = None
        self._held: Held = frozenset()
        self._scans: Mapping[int, int] = {}
        self._noisy = self._skipped = False
        self._head, self._rows = "", 0

    def _look_around(self) -> looks.Before:
        connection = self._target.connection
        try:
            return looks.before(connection)
        except psycopg.Error as error:
            label, broken = self._target.label, connection.broken
            raise translate(error, label, broken=broken, cancelled=False, statement=None) from error

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What each statement that finished did, in order; `unfinished` without what a later one has finished."""
        left = self._state.unfinished
        return tuple(
            replace(effect, unfinished=tuple(what for what in effect.unfinished if what in left))
            for effect in self._effects
        )

    @property
    def written(self) -> frozenset[str] | None:
        """The tables and sequences whose rows the run may have changed, by their names before it; None: not known."""
        return self._written if self._sure else None

    def __call__(self, event: Event) -> None:
        """Be told of an event. Those of the run's watch are passed over: they come while a statement runs."""
        match event:
            case StatementStarted():
                self._begin(event)
            case StatementFinished():
                self._finish(event)
            case StepStarted() | BlockRecorded():
                self._sure &= not self._skipped
                self._kept = replace(self._state, effects=len(self._effects))
                self._rest()
            case Retrying():
                self._state = self._kept
                del self._effects[self._kept.effects :]
                self._rest()
            case RunFinished():
                self._close()

    def _rest(self) -> None:
        """Between two transactions no lock is held, and what the session has counted is told."""
        self._end_outside()
        self._held, self._noisy = frozenset(), False
        self._tell()

    def _tell(self) -> bool:
        """Have the session tell what it has counted, so that it counts from zero; False where it cannot."""
        if self._target.connection.info.server_version < _TELLS:
            return False
        with suppress(SurefootError):
            self._target.query("SELECT pg_catalog.pg_stat_force_next_flush()")
            self._scans = {}
        return True

    def _end_outside(self) -> None:
        outside, self._outside = self._outside, None
        if outside is not None:
            outside.stop()

    def _close(self) -> None:
        self._end_outside()
        eyes, self._eyes = self._eyes, None
        if eyes is not None:
            eyes.close()

    def _second(self) -> Connection:
        """The second session, which looks at the first. Raises psycopg.Error."""
        if self._eyes is None:
            self._eyes = self._connect()
            looks.prepare(self._eyes)
        return self._eyes

    def _begin(self, event: StatementStarted) -> None:
        self._begun = event
        if not event.transactional:
            self._sure = False
            tells = self._tell()
            with suppress(psycopg.Error):
                self._outside = Outside(self._second(), self._pid, self._last, counts=tells)

    def _finish(self, event: StatementFinished) -> None:
        begun = self._begun
        assert begun is not None, "a statement starts before it finishes"
        place = begun.path, begun.line, begun.sql, begun.transactional
        effect = Effect(event.position, *place, event.duration_ms, event.rows)
        self._effects.append(self._inside(effect, event.total) if begun.transactional else self._from_outside(effect))

    def _inside(self, effect: Effect, total: int) -> Effect:
        """The effect with what a look from inside its transaction shows."""
        words = leading_words(LEXICON, effect.sql)
        self._noisy |= not _QUIET.issuperset(words[:1])
        if not self._noisy:
            return self._quiet(effect, words)
        if self._one_more_row(effect, words) and effect.position < total:
            return self._unseen(effect)
        self._skipped = False
        look = looks.inside(self._target.connection, self._last)
        if look is None:
            self._sure = False
            return replace(self._unseen(effect), complete=False)
        seen = self._seen(effect, look)
        return self._as_it_was(seen, words[0]) if words[:1] in {("TRUNCATE",), ("ROLLBACK",)} else seen

    def _one_more_row(self, effect: Effect, words: Sequence[str]) -> bool:
        """Whether it is one of many rows for a table: there, one look behind them shows what each would have shown."""
        head = effect.sql.partition("(")[0] if words[:1] == ("INSERT",) and "VALUES" in words else ""
        self._rows = self._rows + 1 if head and head == self._head else 0
        self._head = head
        self._skipped = self._rows > _ROWS_SEEN
        return self._skipped

    def _unseen(self, effect: Effect) -> Effect:
        """The effect of a statement after which nobody looked: the locks that were held before it are held still."""
        return replace(effect, locks=name_locks(self._relations, self._held, self._held))

    def _as_it_was(self, effect: Effect, word: str) -> Effect:
        """The effect of a statement after which files are others, although nothing was read or written for it."""
        files = looks.files_inside(self._target.connection) if word == "ROLLBACK" else None
        self._state = replace(self._state, files=files or self._state.files)
        return replace(effect, rewrites=(), builds=(), scans=())

    def _quiet(self, effect: Effect, words: Sequence[str]) -> Effect:
        """The effect of a statement that can lock, and do nothing else."""
        if words[:1] != ("LOCK",):
            return self._unseen(effect)
        try:
            held = looks.held(self._second(), self._pid, self._last)
        except psycopg.Error:
            return replace(effect, complete=False)
        return self._with_locks(effect, held)

    @property
    def _pid(self) -> int:
        return self._target.connection.info.backend_pid

    def _with_locks(self, effect: Effect, held: Held) -> Effect:
        earlier, self._held = self._held, held
        self._written |= name_written(self._relations, held)
        self._sure &= self._shared.isdisjoint(oid for oid, mode in held if mode == MODES[-1])
        return replace(effect, locks=name_locks(self._relations, held, earlier))

    def _seen(self, effect: Effect, look: Look) -> Effect:
        """The effect with what the look shows."""
        self._sure &= not look.beyond
        strong = {oid for oid, mode in look.held if mode in looks.BUILDING}
        scanned = {oid for oid, count in look.scans.items() if count != self._scans.get(oid, 0)}
        self._scans = look.scans
        effect = self._with_locks(effect, look.held)
        return self._changed(effect, look.files, strong, look.unfinished, scanned)

    def _changed(
        self, effect: Effect, files: Files, tables: Iterable[int], unfinished: frozenset[str], scanned: Iterable[int]
    ) -> Effect:
        changes = compare_files(self._relations, self._state.files, files, tables)
        self._relations |= changes.moved
        left, self._state = self._state.unfinished, _State(changes.files, unfinished)
        known = (self._relations[oid] for oid in scanned if oid in self._relations)
        return replace(
            effect,
            rewrites=tuple(sorted(changes.rewrites)),
            builds=tuple(sorted(changes.builds)),
            scans=tuple(sorted(relation.name for relation in known if not relation.is_index)),
            unfinished=tuple(sorted(unfinished - left)),
        )

    def _from_outside(self, effect: Effect) -> Effect:
        """The effect with what the second session saw."""
        outside = self._outside
        self._end_outside()
        tells = self._tell()
        if outside is None:
            return replace(effect, complete=False)
        try:
            seen = outside.sighting()
        except psycopg.Error:
            return replace(effect, complete=False)
        locks = name_locks(self._relations, seen.held, frozenset())
        self._state = replace(self._state, files=seen.before.files, unfinished=seen.before.unfinished)
        effect = replace(effect, locks=locks, complete=bool(locks) and tells)
        return self._changed(effect, seen.after.files, self._relations, seen.after.unfinished, seen.scanned)
