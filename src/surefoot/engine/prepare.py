"""From a folder and a target to a plan: every statement that will run, in which transaction; or a refusal.

Reads the folder, the history and the journal. Changes nothing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from surefoot.engine import recover
from surefoot.engine.checksum import checksum
from surefoot.engine.dialects.target import Target
from surefoot.engine.formats.folder import read_folder
from surefoot.engine.history import Entry, History
from surefoot.engine.model import Applied, Direction, Folder, Migration, Plan, Script, Step
from surefoot.engine.plan import Comparison, choose_down, choose_up, compare
from surefoot.errors import DownDiffers, Edited, Interrupted, Missing, NoDown, Refused


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of migrations.

    `name` keys the history: several projects share a database. `format` is found out where it is None. `identity` is
    `version`, or `name` for folders that use a version twice. `variables` are for formats with placeholders.
    """

    path: str | Path
    name: str = "default"
    format: str | None = None
    identity: str = "version"
    variables: Mapping[str, str] = field(default_factory=dict)

    def read(self) -> Folder:
        """Read the folder. Raises FolderError."""
        return read_folder(Path(self.path), format=self.format, identity=self.identity, variables=self.variables)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to run: everything, up to and including `to`, or `steps` of them.

    `allow` may hold `out-of-order` and `missing`. `use_file` takes the folder's way back where it differs from the
    stored one. `expect` are the versions that somebody said yes to: rolling back any others is refused.
    """

    to: str | None = None
    steps: int | None = None
    allow: frozenset[str] = frozenset()
    use_file: bool = False
    expect: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A folder and a target at one moment. `rows`: the whole history, oldest first; `journal`: the step in progress."""

    folder: Folder
    rows: tuple[Applied, ...]
    journal: tuple[Entry, ...]
    compared: Comparison


def read_state(folder: Folder, history: History) -> State:
    """Hold the folder against the target. Raises HistoryTooNew, ConnectionLost."""
    there = history.exists()
    rows = tuple(history.read()) if there else ()
    journal = tuple(history.journal()) if there else ()
    return State(folder, rows, journal, compare(folder.migrations, rows))


def plan_up(target: Target, history: History, state: State, wish: Wish) -> Plan:
    """What `up` would run. Raises Refused and FolderError."""
    refuse_interrupted(state, Direction.UP)
    refuse_edited(history, state)
    chosen = choose_up(state.compared, to=wish.to, steps=wish.steps, allow=wish.allow)
    _refuse_passing_by(state, [migration.version for migration in chosen])
    steps = tuple(_step(target, migration, Direction.UP) for migration in chosen)
    return Plan(Direction.UP, _resumed(steps, state.journal), target.timeouts)


def plan_down(target: Target, history: History, state: State, wish: Wish) -> Plan:
    """What `down` would run, the latest applied migration first. Raises Refused and FolderError."""
    refuse_interrupted(state, Direction.DOWN)
    rows = choose_down(state.compared, to=wish.to, steps=wish.steps)
    _refuse_unexpected([row.version for row in rows], wish.expect)
    _refuse_passing_by(state, [row.version for row in rows])
    known = {migration.version: migration for migration in state.folder.migrations}
    migrations = [_with_down(history, row, known.get(row.version), use_file=wish.use_file) for row in rows]
    steps = tuple(_step(target, migration, Direction.DOWN) for migration in migrations)
    return Plan(Direction.DOWN, _resumed(steps, state.journal), target.timeouts)


def _refuse_unexpected(versions: Sequence[str], expected: Sequence[str] | None) -> None:
    """Two people who take back the latest migration at once mean the same one."""
    if expected is not None and list(versions) != list(expected):
        raise Refused(
            f"Meanwhile another run has changed the target: not {', '.join(expected)} but "
            f"{', '.join(versions) or 'nothing'} would be rolled back now.",
            hint="Look at `surefoot status`, and run it again.",
        )


def plan_again(target: Target, down: Plan, folder: Folder) -> Plan:
    """What `redo` runs after `down`: the same migrations, as the folder has them now, in the folder's order.

    Raises Missing where the folder does not have one of them: it could not be applied again.
    """
    versions = {step.migration.version for step in down.steps}
    migrations = [migration for migration in folder.migrations if migration.version in versions]
    gone = sorted(versions - {migration.version for migration in migrations})
    if gone:
        raise Missing(
            f"Not in the folder, so it could not be applied again: {', '.join(gone)}.",
            hint="Restore the files, or roll back without applying again: `surefoot down`.",
            versions=gone,
        )
    return Plan(
        Direction.UP,
        tuple(_step(target, migration, Direction.UP) for migration in migrations),
        target.timeouts,
    )


def _step(target: Target, migration: Migration, direction: Direction) -> Step:
    scripts = migration.up if direction is Direction.UP else migration.down or ()
    blocks, notes = target.cut(scripts)
    if direction is Direction.DOWN and not blocks:
        raise NoDown(
            f"{migration.label} has a way back without a single statement in it.",
            hint="Write what undoes it; where nothing is to be undone, say so with `SELECT 1;`, and use --use-file.",
            version=migration.version,
        )
    limited = tuple(replace(block, limits=target.limits(block)) for block in blocks)
    return Step(migration, direction, limited, notes)


def _resumed(steps: tuple[Step, ...], journal: Sequence[Entry]) -> tuple[Step, ...]:
    if not journal or not steps:
        return steps
    return (recover.resume(steps[0], journal), *steps[1:])


def refuse_interrupted(state: State, direction: Direction) -> None:
    """Raise Interrupted where a step stopped half-way that goes in the other direction."""
    if not state.journal or state.journal[0].direction is direction:
        return
    entry = state.journal[0]
    if entry.direction is Direction.UP:
        raise Interrupted(
            f"{entry.version} is applied by half: an earlier `up` stopped at block {len(state.journal)}.",
            hint="Run `surefoot up` to finish it first; `surefoot repair` shows what is there.",
            version=entry.version,
        )
    raise Interrupted(
        f"{entry.version} is rolled back by half: an earlier `down` stopped at block {len(state.journal)}.",
        hint="Run `surefoot down` to finish that first; `surefoot repair` shows what is there.",
        version=entry.version,
    )


def _refuse_passing_by(state: State, versions: Sequence[str]) -> None:
    """A step that stopped half-way is finished before anything else runs."""
    if state.journal and state.journal[0].version != next(iter(versions), None):
        entry = state.journal[0]
        raise Interrupted(
            f"{entry.version} stopped half-way, and is not the next step of this plan.",
            hint="Finish it first (its file has to be in the folder), or see `surefoot repair`.",
            version=entry.version,
        )


def refuse_edited(history: History, state: State) -> None:
    """Raise Edited, with the difference, where an applied migration's text has changed."""
    for applied, migration in state.compared.edited:
        before, _ = history.scripts(applied)
        raise Edited(
            f"{migration.label} was applied, and its text has changed since.",
            hint="Restore the file and write a new migration; or, where the change means nothing to the database, "
            "accept it with `surefoot repair`.",
            version=migration.version,
            file=migration.up[0].path if migration.up else "",
            diff=difference(before, migration.up),
        )


def difference(before: Sequence[Script], after: Sequence[Script]) -> str:
    """What changed from the stored scripts to the folder's, as a unified diff."""
    lines = difflib.unified_diff(
        "\n".join(script.text for script in before).splitlines(),
        "\n".join(script.text for script in after).splitlines(),
        "as applied",
        "in the folder",
        lineterm="",
    )
    return "\n".join(lines)


def _with_down(history: History, row: Applied, in_folder: Migration | None, *, use_file: bool) -> Migration:
    """The migration as it was applied, with the way back that is to run: the stored one, or the folder's."""
    up, down = history.scripts(row)
    stored = Migration(row.version, row.name, up, down)
    if in_folder is None or in_folder.down is None or checksum(in_folder.down) == row.down_checksum:
        return _refuse_without_down(stored)
    if use_file:
        return replace(stored, down=in_folder.down)
    what = "is not the one stored with it" if down is not None else "came after it was applied"
    raise DownDiffers(
        f"The way back of {stored.label} in the folder {what}.",
        hint="Run the folder's with --use-file, or restore the file to run the stored one.",
        version=row.version,
        diff=difference(down or (), in_folder.down),
    )


def _refuse_without_down(migration: Migration) -> Migration:
    if migration.down is None:
        raise NoDown(
            f"{migration.label} has no way back: it was applied without a down.",
            hint="Write one and run it with --use-file, or write a new migration that undoes it.",
            version=migration.version,
        )
    return migration


def step_in_progress(target: Target, history: History, state: State) -> Step:
    """The step that the journal speaks of, with what it knows of it.

    Raises Interrupted where neither the folder nor the history has the text that was running.
    """
    entry = state.journal[0]
    texts = [migration for migration in state.folder.migrations if migration.version == entry.version]
    rows = [row for row in state.compared.live if row.version == entry.version]
    stored = [Migration(row.version, row.name, *history.scripts(row)) for row in rows]
    for migration in (*texts, *stored):
        step = _step(target, migration, entry.direction)
        with suppress(Interrupted):
            return recover.resume(step, state.journal)
    raise Interrupted(
        f"{entry.version} stopped half-way at {entry.statement}, and its text is gone or has changed since.",
        hint="Restore the file; or undo the step by hand, and give it up with `surefoot repair --discard`.",
        version=entry.version,
    )
