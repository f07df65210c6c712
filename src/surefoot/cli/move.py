"""`up`, `down` and `redo`: run, show, and dump the schema where that is configured."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.database import write_dump
from surefoot.cli.output import counted, duration
from surefoot.cli.view import RunView
from surefoot.engine import api
from surefoot.engine.control import Control
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Direction, Step
from surefoot.engine.run import RunOptions, StepHook

_Move = Callable[..., api.Result]
_CANCELLING = b"\nCancelling: the database is asked to stop. Once more leaves at once.\n"


def up(context: Context) -> int:
    """Apply pending migrations."""
    with context.connected() as target:
        hook = _agree(context, target, Direction.UP, "Apply") if context.settings.confirm else None
        return _run(context, target, api.up, hook, "applied", "Nothing to do: everything is applied.")


def down(context: Context) -> int:
    """Roll back applied migrations."""
    with context.connected() as target:
        hook = _agree(context, target, Direction.DOWN, "Roll back")
        return _run(context, target, api.down, hook, "rolled back", "Nothing to do: nothing is applied.")


def redo(context: Context) -> int:
    """Roll back and apply again."""
    with context.connected() as target:
        hook = _agree(context, target, Direction.DOWN, "Roll back and apply again")
        return _run(context, target, api.redo, hook, "applied again", "Nothing to do: nothing is applied.")


def _agree(context: Context, target: Target, direction: Direction, verb: str) -> StepHook | None:
    """Ask, and let pass no other steps than those that the answer was about. Raises NotConfirmed."""
    if context.yes:
        return None
    plan = api.plan(target, context.project, direction, context.wish)
    versions = [step.migration.version for step in plan.steps]
    if plan.steps:
        names = ", ".join(step.migration.label for step in plan.steps)
        context.confirm(f"{verb} on {target.label}: {names}?", versions=versions)

    def refuse(step: Step) -> str | None:
        return None if step.migration.version in versions else "it came up after the question was answered"

    return refuse


def _run(context: Context, target: Target, move: _Move, hook: StepHook | None, done: str, nothing: str) -> int:
    control = Control()
    options = RunOptions(on_event=RunView(context.output), control=control, before_step=hook)
    if context.settings.require_proof:
        options = _guarded(context, target, options)
    with _signals(control):
        result = move(target, context.project, context.wish, options)
    _report(context, result, done, nothing)
    if context.settings.record and result.versions:
        from surefoot.engine.rehearsal.drift import record  # only who wants it pays for the import

        record(target, context.project, result.run_id)
    if context.settings.dump and result.versions:
        write_dump(target, context.cwd / context.settings.dump)
        context.output.line(context.output.paint(f"schema written to {context.settings.dump}", "dim"))
    return 0


def _guarded(context: Context, target: Target, options: RunOptions) -> RunOptions:
    """The same options, but that no step up runs without a proof."""
    from surefoot.engine.rehearsal.guard import Guard  # only who wants proofs pays for the import
    from surefoot.engine.rehearsal.prooffile import read

    settings = context.settings
    guard = Guard(target, context.project.read(), read(context.cwd / settings.proof), settings.accept)

    def both(step: Step) -> str | None:
        guard(step)
        return options.before_step(step) if options.before_step else None

    return replace(options, before_step=both, before_run=guard.check)


def _report(context: Context, result: api.Result, done: str, nothing: str) -> None:
    output = context.output
    output.document(
        {
            "kind": "result",
            "run_id": result.run_id,
            "direction": result.direction,
            "versions": result.versions,
            "duration_ms": result.duration_ms,
        },
        compact=True,
    )
    if not result.versions:
        output.line(nothing)
        return
    count = counted(len(result.versions), "migration")
    output.line(f"{output.paint('✓', 'green')} {count} {done} in {duration(result.duration_ms)}")


@contextmanager
def _signals(control: Control) -> Iterator[None]:
    """Ctrl-C or SIGTERM cancels; a second one leaves at once: the server then rolls back by itself."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if control.cancelled:
            os._exit(130)
        control.cancel()
        # Not through a stream: the signal may have come while one was being written to. Where standard error is closed,
        # its number may by now be that of the connection.
        if sys.stderr is not None:
            with suppress(OSError):
                os.write(2, _CANCELLING)

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
