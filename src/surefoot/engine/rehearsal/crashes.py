"""Rehearsed failures: the connection breaks after each statement in turn, and the same command has to recover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from surefoot.engine.model import Direction, Migration, Script
from surefoot.engine.rehearsal.model import Crash, Phase
from surefoot.engine.rehearsal.stage import Stage
from surefoot.engine.rows import is_sequence
from surefoot.engine.snapshot import Snapshot, compare
from surefoot.errors import FolderError, SurefootError

# How many differences are told of one failure.
_TOLD = 5
_PHASES = {Direction.UP: Phase.UP, Direction.DOWN: Phase.DOWN}


def wanted(stage: Stage, migration: Migration, failures: str) -> bool:
    """Whether the migration's failures are to be rehearsed: `all`, `off`, or `auto` for what is no single transaction.

    A step in a single transaction either commits or never was: that is the database's own promise.
    """
    if failures == "off":
        return False
    try:
        atomic = all(_atomic(stage, scripts) for scripts in (migration.up, migration.down or ()))
    except FolderError:
        # It has something that cannot be run: the trial says what.
        return False
    return failures == "all" or not atomic


def _atomic(stage: Stage, scripts: Sequence[Script]) -> bool:
    blocks, _ = stage.shadow.target.cut(scripts)
    return len(blocks) <= 1 and all(block.transactional for block in blocks)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What an undisturbed run left: the schema, and how many rows each table holds."""

    schema: Snapshot
    rows: Mapping[str, int]


def rehearse_crashes(stage: Stage, migration: Migration) -> tuple[Crash, ...]:
    """Break the connection after each statement of the up, and of the down; the stage is where it was before.

    There are no rows meanwhile but those that migrations write. Where a way fails undisturbed nothing is said of it:
    the trial will.
    """
    stage.rewind()
    stage.keep()
    found: list[Crash] = []
    for direction in (Direction.UP, Direction.DOWN):
        if direction is Direction.DOWN and migration.down is None:
            break
        reference = _undisturbed(stage, migration, direction)
        if reference is None:
            break
        found += _crashes(stage, migration, direction, reference)
    stage.shadow.restore()
    return tuple(found)


def _undisturbed(stage: Stage, migration: Migration, direction: Direction) -> _Outcome | None:
    stage.shadow.restore()
    if stage.up(migration).failure or (direction is Direction.DOWN and stage.down(migration).failure):
        return None
    return _outcome(stage)


def _outcome(stage: Stage) -> _Outcome:
    held = stage.shadow.read_rows()
    return _Outcome(
        stage.shadow.snapshot(), {table: rows.count for table, rows in held.items() if not is_sequence(rows)}
    )


def _crashes(stage: Stage, migration: Migration, direction: Direction, reference: _Outcome) -> Iterator[Crash]:
    scripts = migration.up if direction is Direction.UP else migration.down or ()
    blocks, _ = stage.shadow.target.cut(scripts)
    for number in range(1, sum(len(block.statements) for block in blocks) + 1):
        stage.shadow.restore()
        if direction is Direction.DOWN:
            stage.up(migration)
        finding = _crash(stage, migration, direction, number, reference)
        yield Crash(_PHASES[direction], number, not finding, finding)


def _crash(stage: Stage, migration: Migration, direction: Direction, number: int, reference: _Outcome) -> str:
    """What is wrong after the recovery; an empty text where nothing is."""
    try:
        stage.crash(migration, direction, number)
    except SurefootError as error:
        return error.message
    found = _outcome(stage)
    differences = compare(reference.schema, found.schema, stage.shadow.excuse).differences
    said = [f"{item.key} is {item.change}" for item in differences]
    said += [
        f"{table} holds {found.rows[table]} rows instead of {count}"
        for table, count in reference.rows.items()
        if table in found.rows and found.rows[table] != count
    ]
    return "; ".join(said[:_TOLD])
