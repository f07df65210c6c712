"""The stage of a rehearsal: moves on the shadow database by the real executor, and the way back to where one was."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from surefoot.engine import api
from surefoot.engine.dialects.shadow import Shadow
from surefoot.engine.effects import Effect
from surefoot.engine.events import Event, StatementFinished
from surefoot.engine.model import Direction, Folder, Migration, Script
from surefoot.engine.prepare import Project, Wish
from surefoot.engine.rehearsal.model import Failure, Phase
from surefoot.engine.run import RunOptions
from surefoot.engine.snapshot import Facts, ObjectKey
from surefoot.errors import (
    ConnectionLost,
    FolderError,
    LockTimeout,
    OutcomeUnknown,
    Refused,
    ShadowFailed,
    StatementFailed,
)

# How many things that a migration lacks (roles) are supplied before it counts as failing.
_SUPPLIES = 50
# How many rows a migration is given that needs some.
_ROWS = 5
# Keeping a state takes as long as about so many migrations.
_REPLAYS = 10
_Mistake = (StatementFailed, FolderError, Refused, LockTimeout, OutcomeUnknown)


@dataclass(frozen=True, slots=True)
class Held(Project):
    """A project whose folder is at hand: one migration of it."""

    folder: Folder = field(default_factory=lambda: Folder("", "native", ()))

    def read(self) -> Folder:
        """The folder."""
        return self.folder


@dataclass(frozen=True, slots=True)
class Move:
    """What a migration did on the shadow, one way. `written` is None where any table's rows may have changed."""

    ms: int = 0
    effects: tuple[Effect, ...] = ()
    written: frozenset[str] | None = frozenset()
    failure: Failure | None = None


class Crashed(Exception):
    """The connection was broken on purpose."""


class Stage:
    """Runs migrations on a shadow database, one at a time, each with an empty history before it.

    The state that was kept, and the migrations that passed since, are what `rewind` goes back to.
    """

    def __init__(self, shadow: Shadow, folder: Folder) -> None:
        self.shadow = shadow
        self._folder = folder
        # What was missing and had to be made for the present migration, with its facts: not the migration's doing.
        self.supplied: dict[ObjectKey, Facts] = {}
        self._since: list[Migration] = []
        # The versions that do not run on empty tables.
        self._needy: set[str] = set()

    def keep(self) -> None:
        """Keep the state now, in which there are no generated rows, to go back to."""
        self.shadow.save()
        self._since = []

    def passed(self, migration: Migration) -> None:
        """Note that the migration is applied, and the next one begins."""
        self._since.append(migration)
        self.supplied = {}

    def rewind(self) -> None:
        """Go back to the state after all migrations that passed, without generated rows.

        A migration that does not run on empty tables is given rows before it. Raises what stops it even so.
        """
        self.shadow.restore()
        for migration in self._since:
            try:
                self._pass_again(migration)
            except StatementFailed:
                if migration.version in self._needy:
                    raise
                # Not simply once more: what it did before it failed may have stayed.
                self._needy.add(migration.version)
                self.rewind()
                return
        if len(self._since) >= _REPLAYS:
            self.keep()

    def _pass_again(self, migration: Migration) -> None:
        if migration.version in self._needy:
            self.shadow.fill(_ROWS, "before 1")
        self.replay(migration)

    def replay(self, migration: Migration) -> None:
        """Apply a migration that is not rehearsed itself. Raises what stopped it."""
        self.refuse_unsafe(migration, Direction.UP)
        self._supplied(lambda: self._run(migration, Direction.UP))
        self.forget()

    def up(self, migration: Migration, phase: Phase = Phase.UP) -> Move:
        """Apply the migration, measured."""
        return self._measured(migration, Direction.UP, phase)

    def down(self, migration: Migration) -> Move:
        """Roll it back, measured."""
        return self._measured(migration, Direction.DOWN, Phase.DOWN)

    def forget(self) -> None:
        """Empty the shadow's history, so that each migration is the first one there."""
        target = self.shadow.target
        if target.has_history():
            target.rollback()
            for table in ("journal", "history"):
                target.query(f"DELETE FROM {target.table(table)}")

    def _measured(self, migration: Migration, direction: Direction, phase: Phase) -> Move:
        try:
            self.refuse_unsafe(migration, direction)
        except (FolderError, ShadowFailed) as error:
            return Move(written=None, failure=_failure(phase, error))
        try:
            return self._supplied(lambda: self._traced(migration, direction))
        except _Mistake as error:
            return Move(written=None, failure=_failure(phase, error))
        except ConnectionLost as error:
            # It was the migration's doing where the server answers still. Raises Unreachable where it does not.
            self.shadow.target.open()
            return Move(written=None, failure=_failure(phase, error))

    def refuse_unsafe(self, migration: Migration, direction: Direction) -> None:
        """Raise ShadowFailed where a statement would leave the shadow. Raises FolderError."""
        scripts = migration.up if direction is Direction.UP else migration.down or ()
        blocks, _ = self.shadow.target.cut(scripts)
        self.shadow.check([statement for block in blocks for statement in block.statements])

    def _traced(self, migration: Migration, direction: Direction) -> Move:
        tracer = self.shadow.trace()
        started = time.monotonic()
        self._run(migration, direction, tracer)
        return Move(_since(started), tracer.effects, tracer.written)

    def _supplied(self, attempt: Callable[[], Move | None]) -> Move:
        """Try, and again where something of the surroundings was missing that the shadow can supply."""
        for _ in range(_SUPPLIES):
            try:
                return attempt() or Move()
            except StatementFailed as error:
                if not self._supply(error):
                    raise
        raise ShadowFailed("The shadow lacks too much of what this migration needs.", hint="Use --from target.")

    def _supply(self, error: StatementFailed) -> bool:
        before = self.shadow.snapshot().objects
        if not self.shadow.supply(error):
            return False
        after = self.shadow.snapshot().objects
        self.supplied |= {key: facts for key, facts in after.items() if key not in before}
        return True

    def is_empty(self, scripts: Sequence[Script]) -> bool:
        """Whether there is no statement in the scripts. Raises FolderError."""
        blocks, _ = self.shadow.target.cut(scripts)
        return not blocks

    def _run(self, migration: Migration, direction: Direction, sink: Callable[[Event], None] | None = None) -> None:
        project = Held("", folder=replace(self._folder, migrations=(migration,)))
        options = RunOptions(on_event=sink) if sink else RunOptions()
        if direction is Direction.UP:
            api.up(self.shadow.target, project, Wish(), options)
        else:
            api.down(self.shadow.target, project, Wish(steps=1, use_file=True), options)

    def crash(self, migration: Migration, direction: Direction, after: int) -> None:
        """Run a migration, and break the connection after so many statements: the command then runs once more.

        Raises what keeps the second one from getting to the end.
        """
        target = self.shadow.target
        count = 0

        def breaker(event: Event) -> None:
            nonlocal count
            count += isinstance(event, StatementFinished)
            if isinstance(event, StatementFinished) and count == after:
                target.close()
                raise Crashed

        try:
            self._run(migration, direction, breaker)
        except Crashed:
            target.open()
            self._run(migration, direction)


def with_down(migration: Migration, statements: Sequence[str], path: str) -> Migration:
    """The migration with these statements as its way back."""
    from surefoot.engine.model import Fragment

    fragments = tuple(Fragment(f"{statement};", number, whole=True) for number, statement in enumerate(statements, 1))
    return replace(migration, down=(Script(path, fragments),))


def _failure(phase: Phase, error: Exception) -> Failure:
    details = getattr(error, "details", {})
    return Failure(
        phase,
        getattr(error, "message", str(error)),
        getattr(error, "code", "error"),
        str(details.get("file", "")),
        int(details.get("line") or 0),
        str(details.get("statement", "")),
    )


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
