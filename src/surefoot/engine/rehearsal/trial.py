"""The trial of one migration: up, down and up again, with rows at stake, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from surefoot.engine.checksum import checksum
from surefoot.engine.findings import Finding, Level
from surefoot.engine.model import Migration, Script
from surefoot.engine.rehearsal import advice
from surefoot.engine.rehearsal.model import Failure, Phase, Rehearsed, Verdict, WayBack
from surefoot.engine.rehearsal.stage import Move, Stage, with_down
from surefoot.engine.rehearsal.stakes import Rows, Stakes, total
from surefoot.engine.rows import Loss, losses, moved
from surefoot.engine.snapshot import Comparison, Snapshot, compare
from surefoot.errors import FolderError

_NOTHING = Comparison((), ())


@dataclass(frozen=True, slots=True)
class Start:
    """Where a trial begins: the schema and the rows before the up, what the up did, and what is there after it.

    `upped` are the rows that the up left, and `written` those after some more were written.
    """

    before: Snapshot
    rows: Rows
    up: Move
    after: Snapshot
    upped: Rows
    written: Rows


@dataclass(frozen=True, slots=True)
class Outcome:
    """What down and up again came to. `clean`: the shadow is as after the first up, and the next trial may begin."""

    down: Move
    restored: Comparison = _NOTHING
    losses: tuple[Loss, ...] = ()
    again: Comparison = _NOTHING
    failure: Failure | None = None
    warnings: tuple[Finding, ...] = ()
    clean: bool = False

    @property
    def verdict(self) -> Verdict:
        """The verdict: the worst of what was found."""
        if self.failure:
            return Verdict.FAILING
        if self.restored.differences or self.again.differences:
            return Verdict.DIFFERENT
        return Verdict.LOSSY if self.losses else Verdict.PROVEN


class Trial:
    """Tries migrations one after the other on a stage; `state` is the schema in which the next one begins."""

    def __init__(self, stage: Stage, stakes: Stakes) -> None:
        self.stage = stage
        self.stakes = stakes
        self.state = stage.shadow.snapshot()
        # The tables that were there before the first trial.
        self.initial = frozenset(self.state.orders)
        self._printed: tuple[Snapshot, str] = (self.state, self.state.fingerprint)

    def rehearse(self, migration: Migration) -> Rehearsed:
        """Rehearse one migration, and leave the shadow as after its up; not so where the up itself fails."""
        self.stakes.fill()
        before = self.state
        rows, up, warnings = self._up(migration)
        base = Rehearsed(
            migration.version,
            migration.name,
            Verdict.FAILING,
            checksum(migration.up),
            checksum(migration.down) if migration.down is not None else None,
            self._fingerprint(before),
            warnings=warnings,
            rows=total(rows),
        )
        if up.failure:
            return replace(base, failure=up.failure)
        only_empty = [finding for finding in warnings if finding.rule == advice.ONLY_EMPTY]
        start = self._start(before, rows, up, bears_rows=not only_empty)
        base = replace(base, after=self._fingerprint(start.after), up_effects=up.effects, up_ms=up.ms)
        done = self._back(migration, start, base)
        if only_empty:
            done = _without_rows(done, only_empty[0])
        return replace(done, warnings=(*done.warnings, *advice.of_effects(done), *advice.of_rows(self.stakes)))

    def _back(self, migration: Migration, start: Start, base: Rehearsed) -> Rehearsed:
        """The second half: the way back, written or generated."""
        if migration.down is None or self._has_empty_down(migration.down):
            return self._without_down(replace(migration, down=None), start, base)
        outcome = self._blame_rows(migration, self._there_and_back(migration, start))
        self._settle(migration, start, outcome)
        return replace(
            base,
            verdict=outcome.verdict,
            differences=outcome.restored.differences,
            again=outcome.again.differences,
            excuses=(*outcome.restored.excuses, *outcome.again.excuses),
            losses=outcome.losses,
            failure=outcome.failure,
            down_effects=outcome.down.effects,
            down_ms=outcome.down.ms,
            warnings=(*base.warnings, *outcome.warnings),
        )

    def _has_empty_down(self, down: Sequence[Script]) -> bool:
        try:
            return self.stage.is_empty(down)
        except FolderError:
            # It has something that cannot be run: the trial says what.
            return False

    def _up(self, migration: Migration) -> tuple[Rows, Move, tuple[Finding, ...]]:
        """The first up: with rows; where that fails with plain ones, then with one in each table, then with none."""
        rows = dict(self.stakes.rows)
        up = self.stage.up(migration)
        if not up.failure or not total(rows):
            return rows, up, ()
        for most in (self.stakes.count, 1, 0):
            self._rewind(most)
            rows, second = dict(self.stakes.rows), self.stage.up(migration)
            if not second.failure:
                return rows, second, (advice.fails_with_rows(migration, up.failure, most),)
        # On empty tables too: no row is to blame, and what stopped it there is what is wrong with it.
        return rows, second, ()

    def _fingerprint(self, state: Snapshot) -> str:
        """The state's fingerprint; the last one is not made twice: what is after a migration is before the next one."""
        if self._printed[0] is not state:
            self._printed = (state, state.fingerprint)
        return self._printed[1]

    def rewound(self) -> None:
        """Take notice that the stage went back: no generated rows, and what an up does may depend on them."""
        self.stakes.forget()
        self.state = self.stage.shadow.snapshot()

    def _rewind(self, most: int | None = None) -> None:
        """Go back to before the migration; with `most` plain rows in each table, or with no rows that are known yet."""
        self.stage.rewind()
        self.stakes.forget(plain=most is not None)
        if most is not None:
            self.stakes.fill(most)

    def _start(self, before: Snapshot, rows: Rows, up: Move, *, bears_rows: bool) -> Start:
        """Look at what the up left, and write some more rows."""
        after = self.stage.shadow.snapshot()
        before = self._surrounded(before)
        up = replace(up, written=_to_read(up.written, before, after))
        self.stakes.read(up.written)
        upped = dict(self.stakes.rows)
        if bears_rows:
            # With any the second up would fail as the first one did.
            self.stakes.write(before, after, compare(before, after).differences, up.written or ())
        return Start(before, rows, up, after, upped, dict(self.stakes.rows))

    def _surrounded(self, state: Snapshot) -> Snapshot:
        """The state with what had to be supplied since: that it was not there then is no migration's doing."""
        supplied = self.stage.supplied
        return replace(state, objects={**supplied, **state.objects}) if supplied else state

    def _there_and_back(self, migration: Migration, start: Start) -> Outcome:
        """Down, and up again, each compared with what was there before it."""
        shadow = self.stage.shadow
        down = self.stage.down(migration)
        if down.failure:
            # What it did before it failed may stay, to rows as well, where it does not run in one transaction.
            return Outcome(down, failure=down.failure)
        restored = compare(self._surrounded(start.before), shadow.snapshot(), shadow.excuse)
        lost, warnings = self._lost(start, down)
        again = self.stage.up(migration, Phase.AGAIN)
        if again.failure:
            return Outcome(down, restored, lost, failure=again.failure, warnings=warnings)
        first, third = self._surrounded(start.after), shadow.snapshot()
        second = compare(first, third, shadow.excuse)
        clean = _same(first, third) and not lost
        self._reread(start.up, down, again)
        return Outcome(down, restored, lost, second, warnings=warnings, clean=clean)

    def _lost(self, start: Start, down: Move) -> tuple[tuple[Loss, ...], tuple[Finding, ...]]:
        self._reread(start.up, down)
        now = {table: held for table, held in self.stakes.rows.items() if table in start.rows}
        # Rows of ours that were written in between move sequences as well.
        went_on = {*moved(start.rows, start.upped), *moved(start.written, now)}
        warnings = advice.of_sequences(sorted(went_on & start.rows.keys()))
        return tuple(losses(start.rows, now, start.written, start.upped)), warnings

    def _reread(self, *moves: Move) -> None:
        """Read again what any of these moves may have written to."""
        scope: set[str] | None = set()
        for move in moves:
            scope = None if scope is None or move.written is None else scope | move.written
            self.stakes.touched |= move.written or frozenset()
        self.stakes.read(scope)

    def _blame_rows(self, migration: Migration, outcome: Outcome) -> Outcome:
        """Where the down failed: find out whether it does so only with rows that were written after the up."""
        if not outcome.failure or outcome.failure.phase is not Phase.DOWN or not self.stakes.between:
            return outcome
        self._rewind(self.stakes.count if self.stakes.plain else None)
        self.stakes.fill()
        # An up that bears fewer rows than these tells nothing of the down.
        works = not self.stage.up(migration).failure and not self.stage.down(migration).failure
        return replace(outcome, failure=replace(outcome.failure, with_rows=works))

    def _without_down(self, migration: Migration, start: Start, base: Rehearsed) -> Rehearsed:
        """A migration without a way back: generate one, and try it before anybody sees it."""
        way_back, outcome = self._generated(migration, start)
        self._settle(migration, start, outcome)
        return replace(base, verdict=Verdict.IRREVERSIBLE, way_back=way_back)

    def _generated(self, migration: Migration, start: Start) -> tuple[WayBack, Outcome]:
        reversal = self.stage.shadow.reverse(start.before, start.after)
        missing = tuple(f"{key}: {why}" for key, why in reversal.missing)
        gone = tuple(str(key) for key in reversal.losses)
        if not reversal.statements:
            return WayBack((), None, missing or advice.rows_only(), gone), Outcome(Move(), clean=True)
        path = f"the generated way back of {migration.version}"
        outcome = self._there_and_back(with_down(migration, reversal.statements, path), start)
        failure = outcome.failure.message if outcome.failure else ""
        left = tuple(
            f"{item.key}: is {item.change} after the generated way back" for item in outcome.restored.differences
        )
        return WayBack(reversal.statements, outcome.verdict, missing or left, gone, failure), outcome

    def _settle(self, migration: Migration, start: Start, outcome: Outcome) -> None:
        """Leave the shadow as after the first up, whatever the trial did to it."""
        self.stage.forget()
        after = self._surrounded(start.after)
        self.stage.passed(migration)
        if outcome.clean:
            self.state = after
            self.stakes.renew()
        else:
            self.stage.rewind()
            self.rewound()


def _to_read(written: frozenset[str] | None, before: Snapshot, after: Snapshot) -> frozenset[str] | None:
    """Where rows may be others than before: also in what came or went, and anywhere where a schema did.

    Nobody locks the tables of a schema that gets another name.
    """
    schemas = [{key for key in state.objects if key.kind == "schema"} for state in (before, after)]
    if written is None or schemas[0] != schemas[1]:
        return None
    return written | (before.orders.keys() ^ after.orders.keys())


def _same(first: Snapshot, second: Snapshot) -> bool:
    """Whether two states are one and the same, columns' order included."""
    return first.objects == second.objects and first.orders == second.orders


def _without_rows(rehearsed: Rehearsed, finding: Finding) -> Rehearsed:
    """Nothing was at stake, since the up runs on empty tables only: that is no proof, and on real ones it fails."""
    failure = Failure(Phase.UP, finding.message, finding.rule, finding.path, finding.line, with_rows=True)
    return replace(rehearsed, verdict=Verdict.FAILING, failure=rehearsed.failure or failure)


def not_rehearsed(migration: Migration) -> Finding:
    """The finding for a migration that was not reached."""
    text = f"{migration.label} was not rehearsed: an earlier migration does not run."
    return Finding("not-rehearsed", Level.ERROR, text, "Mend that one first.", version=migration.version)
