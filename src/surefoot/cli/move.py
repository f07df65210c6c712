"""`up`, `down` and `redo`: run, show, and dump the schema where that is configured."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.database import write_dump
from surefoot.cli.output import duration
from surefoot.cli.view import RunView
from surefoot.engine import api
from surefoot.engine.control import Control
from surefoot.engine.dialects.target import Target
from surefoot.engine.model import Direction
from surefoot.engine.prepare import Wish
from surefoot.engine.run import RunOptions

_Move = Callable[..., api.Result]


def up(context: Context) -> int:
    """Apply pending migrations."""
    with context.connected() as target:
        if context.settings.confirm:
            _confirm(context, target, Direction.UP, "Apply")
        return _run(context, target, api.up, context.wish, "applied")


def down(context: Context) -> int:
    """Roll back applied migrations."""
    with context.connected() as target:
        wish = _confirm(context, target, Direction.DOWN, "Roll back")
        return _run(context, target, api.down, wish, "rolled back")


def redo(context: Context) -> int:
    """Roll back and apply again."""
    with context.connected() as target:
        wish = _confirm(context, target, Direction.DOWN, "Roll back and apply again")
        return _run(context, target, api.redo, wish, "applied again")


def _confirm(context: Context, target: Target, direction: Direction, verb: str) -> Wish:
    """Ask, and return the wish for what the answer was about."""
    plan = api.plan(target, context.project, direction, context.wish)
    if plan.steps:
        names = ", ".join(step.migration.label for step in plan.steps)
        context.confirm(f"{verb} on {target.label}: {names}?")
    return replace(context.wish, expect=tuple(step.migration.version for step in plan.steps))


def _run(context: Context, target: Target, move: _Move, wish: Wish, done: str) -> int:
    control = Control()
    options = RunOptions(on_event=RunView(context.output), control=control)
    with _signals(control):
        result = move(target, context.project, wish, options)
    _report(context, result, done)
    if context.settings.dump and result.versions:
        write_dump(target, context.settings.dump)
        context.output.line(context.output.paint(f"schema written to {context.settings.dump}", "dim"))
    return 0


def _report(context: Context, result: api.Result, done: str) -> None:
    output = context.output
    output.document(
        {
            "kind": "result",
            "run_id": result.run_id,
            "direction": result.direction,
            "versions": result.versions,
        },
        compact=True,
    )
    if not result.versions:
        output.line("Nothing to do.")
        return
    count = len(result.versions)
    noun = "migration" if count == 1 else "migrations"
    output.line(f"{output.paint('✓', 'green')} {count} {noun} {done} in {duration(result.duration_ms)}")


@contextmanager
def _signals(control: Control) -> Iterator[None]:
    """Ctrl-C or SIGTERM cancels; a second one leaves at once: the server then rolls back by itself."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if control.cancelled:
            os._exit(130)
        control.cancel()

    before: dict[int, Any] = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
