"""The engine, as the command line and applications call it: state, plan, up, down, redo, baseline.

An application that migrates at start-up needs three lines::

    from surefoot.engine.api import Project, connect, up

    with connect("postgresql://app@localhost/shop") as target:
        up(target, Project("db/migrations"))

Each function reads the folder and the history afresh. One run at a time works on a target: `up`, `down`, `redo` and
`baseline` take the runner lock, wait for it no longer than `Timeouts.runner` seconds, and give it back. They raise the
errors of `surefoot.errors`, and tell `RunOptions.on_event` what happens. Nothing is printed, and nobody is asked.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from surefoot.engine import prepare
from surefoot.engine import repair as repairing
from surefoot.engine.apply import apply_plan
from surefoot.engine.dialects.target import Target
from surefoot.engine.events import Blocker, RunFinished, RunStarted
from surefoot.engine.history import History
from surefoot.engine.model import Direction, Folder, Migration, Plan
from surefoot.engine.open import connect
from surefoot.engine.plan import choose_baseline
from surefoot.engine.prepare import Project, State, Wish
from surefoot.engine.recover import settle
from surefoot.engine.repair import Finding, Resolution
from surefoot.engine.run import Run, RunOptions, refuse_run_at_work
from surefoot.errors import Cancelled, Interrupted, OutcomeUnknown, SurefootError, TargetLocked

__all__ = [
    "Finding",
    "Project",
    "Resolution",
    "Result",
    "RunOptions",
    "State",
    "Wish",
    "baseline",
    "connect",
    "down",
    "examine",
    "open_history",
    "plan",
    "read_runners",
    "read_state",
    "redo",
    "repair",
    "up",
]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did: the versions, in the order in which they ran."""

    run_id: str
    direction: Direction
    versions: tuple[str, ...]
    duration_ms: int


def open_history(target: Target, project: Project) -> History:
    """The history of the project on the target; rows written through it name this person and machine."""
    return History(target, project.name, f"{getpass.getuser()}@{socket.gethostname()}")


def read_state(target: Target, project: Project) -> State:
    """What is applied, pending, edited, missing, out of order, or stopped half-way."""
    return prepare.read_state(project.read(), open_history(target, project))


def read_runners(target: Target, project: Project) -> tuple[Blocker, ...]:
    """Who works on the target now, by the runner lock: their unfinished steps are not left over from a crash."""
    return target.lock_holders(project.name)


def plan(target: Target, project: Project, direction: Direction, wish: Wish | None = None) -> Plan:
    """What `up` or `down` would run now: every statement, in which transaction. Changes nothing.

    Raises Refused and FolderError, and TargetLocked where a run at work is in the middle of a step that is in the way.
    """
    history = open_history(target, project)
    state = prepare.read_state(project.read(), history)
    return _plan_ahead(target, history, state, direction, wish or Wish())


def _plan_ahead(target: Target, history: History, state: State, direction: Direction, wish: Wish) -> Plan:
    """A plan made without the runner lock."""
    try:
        return _plan(target, history, state, direction, wish)
    except Interrupted:
        refuse_run_at_work(target, history.project)
        raise


def _plan(target: Target, history: History, state: State, direction: Direction, wish: Wish) -> Plan:
    make = prepare.plan_up if direction is Direction.UP else prepare.plan_down
    return make(target, history, state, wish)


def up(target: Target, project: Project, wish: Wish | None = None, options: RunOptions | None = None) -> Result:
    """Apply pending migrations; without any, nothing is locked or written."""
    return _move(target, project, Direction.UP, wish or Wish(), options or RunOptions())


def down(target: Target, project: Project, wish: Wish | None = None, options: RunOptions | None = None) -> Result:
    """Roll back applied migrations, the latest first: one, unless the wish says more."""
    return _move(target, project, Direction.DOWN, wish or Wish(), options or RunOptions())


def _move(target: Target, project: Project, direction: Direction, wish: Wish, options: RunOptions) -> Result:
    folder = project.read()
    run = Run(target, open_history(target, project), options)
    before = prepare.read_state(folder, run.history)
    first = None
    # A run in the middle of a step is waited for on the way up. On the way down nobody has seen yet what it will have
    # applied by then.
    with suppress(*([Interrupted, TargetLocked] if direction is Direction.UP else [])):
        first = _plan_ahead(target, run.history, before, direction, wish)
        if not first.steps:
            return Result(run.run_id, direction, (), 0)
        wish = replace(wish, expect=wish.expect or tuple(step.migration.version for step in first.steps))
    with _locked(run, folder) as state:
        # While the lock was not held, another runner may have done some of it.
        todo = first if first and state == before else _plan(target, run.history, state, direction, wish)
        with _told(run, todo):
            apply_plan(run, _settled(run, todo, state))
        return _result(run, todo)


@contextmanager
def _locked(run: Run, folder: Folder) -> Iterator[State]:
    """Hold the target's runner lock; gives the state as it is under it."""
    with run.locked():
        run.history.ensure()
        yield prepare.read_state(folder, run.history)


def _settled(run: Run, todo: Plan, state: State) -> Plan:
    """The plan once what an earlier run left in doubt is looked up."""
    if not state.journal or not todo.steps:
        return todo
    return replace(todo, steps=(settle(run, todo.steps[0], state.journal), *todo.steps[1:]))


def redo(target: Target, project: Project, wish: Wish | None = None, options: RunOptions | None = None) -> Result:
    """Roll back as `down` does, and apply the same migrations again, as the folder has them now.

    Raises what `down` raises, and Interrupted where a step stopped half-way before.
    """
    folder = project.read()
    run = Run(target, open_history(target, project), options or RunOptions())
    with _locked(run, folder) as state:
        _refuse_half_way(state)
        back = prepare.plan_down(target, run.history, state, wish or Wish())
        forth = prepare.plan_again(target, back, folder)
        with _told(run, replace(back, steps=(*back.steps, *forth.steps))):
            apply_plan(run, back)
            apply_plan(run, forth)
        return _result(run, forth)


def baseline(
    target: Target, project: Project, version: str, options: RunOptions | None = None
) -> tuple[Migration, ...]:
    """Write all migrations up to and including `version` to the history as applied, in one transaction; run none.

    Raises Refused where the target has a history already, UnknownVersion.
    """
    folder = project.read()
    run = Run(target, open_history(target, project), options or RunOptions())
    with _locked(run, folder) as state:
        _refuse_half_way(state)
        accepted = choose_baseline(state.compared, version)
        target.begin(clean=True)
        for migration in accepted:
            run.history.record_up(migration, run.run_id, 0, kind="baseline")
        target.commit()
        return accepted


def _refuse_half_way(state: State) -> None:
    if state.journal:
        entry = state.journal[0]
        raise Interrupted(
            f"{entry.version} stopped half-way in an earlier `{entry.direction}`.",
            hint=f"Run `surefoot {entry.direction}` to finish it first, or see `surefoot repair`.",
            version=entry.version,
        )


def _result(run: Run, todo: Plan) -> Result:
    return Result(run.run_id, todo.direction, tuple(step.migration.version for step in todo.steps), run.elapsed_ms())


@contextmanager
def _told(run: Run, todo: Plan) -> Iterator[None]:
    """Ask the caller about all of it, say that the run begins, and how it ended."""
    if run.options.before_run:
        run.options.before_run(todo)
    versions = tuple(step.migration.version for step in todo.steps)
    run.emit(RunStarted, direction=todo.direction.value, target=run.target.label, versions=versions)
    try:
        yield
    except SurefootError as error:
        _tell_end(run, error)
        raise
    _tell_end(run, None)


def _tell_end(run: Run, error: SurefootError | None) -> None:
    run.emit(
        RunFinished,
        outcome=_outcome(error),
        steps=run.steps_done,
        duration_ms=run.elapsed_ms(),
        error=error.to_dict() if error else None,
    )


def _outcome(error: SurefootError | None) -> str:
    if error is None:
        return "succeeded"
    if isinstance(error, Cancelled):
        return "cancelled"
    return "unknown" if isinstance(error, OutcomeUnknown) else "failed"


def examine(target: Target, project: Project) -> list[Finding]:
    """What `repair` would deal with. Changes nothing.

    Raises TargetLocked where a run at work is in the middle of a step: nobody can tell yet what it will leave.
    """
    history = open_history(target, project)
    state = prepare.read_state(project.read(), history)
    if state.journal:
        refuse_run_at_work(target, project.name)
    return repairing.examine(target, history, state)


def repair(
    target: Target,
    project: Project,
    resolution: Resolution | None = None,
    options: RunOptions | None = None,
) -> None:
    """Do what `examine` found. Raises OutcomeUnknown where the database cannot tell and no resolution was given."""
    folder = project.read()
    run = Run(target, open_history(target, project), options or RunOptions())
    with _locked(run, folder) as state:
        repairing.mend(run, state, resolution)
