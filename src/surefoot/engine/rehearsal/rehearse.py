"""A rehearsal: every migration of a project that is to come, up, down and up again, on a shadow database."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from surefoot.engine import api
from surefoot.engine.dialects.shadow import Place, Shadow
from surefoot.engine.effects import TableSize
from surefoot.engine.model import Folder, Migration
from surefoot.engine.prepare import Project
from surefoot.engine.rehearsal.costs import costs
from surefoot.engine.rehearsal.crashes import rehearse_crashes, wanted
from surefoot.engine.rehearsal.model import Crash, Rehearsed, Report
from surefoot.engine.rehearsal.shadows import opened, refuse_another_dialect
from surefoot.engine.rehearsal.stage import Stage
from surefoot.engine.rehearsal.stakes import Stakes
from surefoot.engine.rehearsal.trial import Trial, not_rehearsed
from surefoot.errors import UnknownVersion, UsageError

# Told of each migration twice: before it (None) and after it, with its position from 1 and how many there are.
Progress = Callable[[int, int, Migration, Rehearsed | None], None]


@dataclass(frozen=True, slots=True)
class RehearsalOptions:
    """What to rehearse, and where.

    With `place.copy_schema` the migrations pending on the target are rehearsed on its own schema; with `after`, those
    after that version on an empty database that has gone through it; else all of them. `to` is the last one. `rows` are
    generated for each table, and `written` more between an up and its down; `seed` is a file of SQL or a database's URL
    with rows to begin with. `failures` is `auto` (steps that are not one transaction), `all` or `off`. `budget` is what
    a migration may cost on the target.
    """

    dialect: str = "postgres"
    place: Place = field(default_factory=Place)
    after: str | None = None
    to: str | None = None
    rows: int = 5
    written: int = 3
    seed: str | None = None
    failures: str = "auto"
    budget: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The migrations to rehearse, those to apply before them, and how large the real tables are."""

    before: tuple[Migration, ...]
    chosen: tuple[Migration, ...]
    base: str
    sizes: Mapping[str, TableSize] | None = None


def rehearse(project: Project, options: RehearsalOptions, on_progress: Progress | None = None) -> Report:
    """Rehearse a project's migrations on a shadow database, which is gone afterwards; the target is only read.

    Raises FolderError, UsageError, UnknownVersion, Unreachable, ShadowFailed, ToolFailed, and StatementFailed where a
    migration before the first one to rehearse does not run.
    """
    started, moment = time.monotonic(), datetime.now(UTC)
    folder = project.read()
    if options.seed and "://" in options.seed:
        refuse_another_dialect(options.dialect, "the seed", options.seed)
    choice = _choose(project, folder, options)
    with opened(options.dialect, options.place) as shadow:
        engine, done = _rehearse_all(shadow, folder, choice, options, on_progress or _silent)
        return Report(
            engine,
            shadow.label,
            choice.base,
            moment,
            round((time.monotonic() - started) * 1000),
            done,
            (*shadow.notes, *_unchecked(options, choice)),
            tuple(not_rehearsed(migration) for migration in choice.chosen[len(done) :]),
        )


def _unchecked(options: RehearsalOptions, choice: _Choice) -> tuple[str, ...]:
    """A note where nobody could hold the budget."""
    if options.budget and choice.sizes is None:
        return ("the lock budget was not checked: only a rehearsal --from target knows how large the tables are",)
    return ()


def _silent(_position: int, _total: int, _migration: Migration, _rehearsed: Rehearsed | None) -> None:
    """Tell nobody."""


def _choose(project: Project, folder: Folder, options: RehearsalOptions) -> _Choice:
    migrations = _upto(folder.migrations, options.to)
    place = options.place
    if options.after is not None:
        first = _upto(folder.migrations, options.after)
        _refuse_two_bases(options, backwards=len(first) > len(migrations))
        return _Choice(first, migrations[len(first) :], f"an empty database with everything up to {options.after}")
    if place.target_url is None or not (place.copy_schema or place.dump):
        return _Choice((), migrations, f"the dump {place.dump.name}" if place.dump else "an empty database")
    with api.connect(place.target_url, schema=place.schema, preamble=place.preamble, timeouts=place.timeouts) as target:
        applied = {row.version for row in api.read_state(target, project).compared.live}
        pending = tuple(migration for migration in migrations if migration.version not in applied)
        base = f"the schema of {target.label}" if place.copy_schema else "the given dump"
        return _Choice((), pending, base, target.sizes())


def _refuse_two_bases(options: RehearsalOptions, *, backwards: bool) -> None:
    if options.place.copy_schema or options.place.dump:
        raise UsageError(
            f"A rehearsal begins either after {options.after} or with a schema that is there already.",
            hint="Leave out one of them: `after`, or what is to be copied.",
        )
    if backwards:
        raise UsageError(
            f"Nothing can be rehearsed after {options.after} and up to {options.to}: {options.after} comes later.",
            hint="Exchange the two versions, or leave one out.",
        )


def _upto(migrations: Sequence[Migration], version: str | None) -> tuple[Migration, ...]:
    """The migrations up to and including a version. Raises UnknownVersion."""
    if version is None:
        return tuple(migrations)
    for position, migration in enumerate(migrations, 1):
        if migration.version == version:
            return tuple(migrations[:position])
    raise UnknownVersion(f"There is no migration {version} in the folder.", hint="`surefoot status` lists them.")


def _rehearse_all(
    shadow: Shadow, folder: Folder, choice: _Choice, options: RehearsalOptions, on_progress: Progress
) -> tuple[str, tuple[Rehearsed, ...]]:
    stage, stakes = Stage(shadow, folder), Stakes(shadow, options.rows, options.written)
    for migration in choice.before:
        stage.replay(migration)
    if options.seed:
        shadow.load(options.seed)
    stage.keep()
    trial = Trial(stage, stakes)
    engine, done = trial.state.engine, list[Rehearsed]()
    for position, migration in enumerate(choice.chosen, 1):
        on_progress(position, len(choice.chosen), migration, None)
        rehearsed = _one(trial, migration, options, choice.sizes)
        done.append(rehearsed)
        on_progress(position, len(choice.chosen), migration, rehearsed)
        if not rehearsed.after:
            break
    return engine, tuple(done)


def _one(
    trial: Trial, migration: Migration, options: RehearsalOptions, sizes: Mapping[str, TableSize] | None
) -> Rehearsed:
    crashes: tuple[Crash, ...] = ()
    if wanted(trial.stage, migration, options.failures):
        crashes = rehearse_crashes(trial.stage, migration)
        trial.rewound()
    rehearsed = replace(trial.rehearse(migration), crashes=crashes)
    made = trial.state.orders.keys() - (sizes or {}).keys() - trial.initial
    return replace(rehearsed, warnings=(*rehearsed.warnings, *costs(rehearsed, sizes, made, options.budget)))
