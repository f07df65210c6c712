"""`plan`: every statement that would run, whole, and under which conditions."""

from __future__ import annotations

from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.look import rows_and_others, show_others, show_runners
from surefoot.cli.output import Output, counted
from surefoot.engine import api
from surefoot.engine.model import Block, Direction, Plan, Statement, Step, Timeouts


def plan(context: Context) -> int:
    """Show every statement that would run."""
    direction = Direction(context.flags.get("direction") or "up")
    with context.connected() as target:
        made = api.plan(target, context.project, direction, context.wish)
        runners = api.read_runners(target, context.project)
        rows, others = rows_and_others(target, context.project)
        label = target.label
    context.output.document({
        "kind": "plan",
        "target": label,
        "project": context.project.name,
        "preamble_statements": len(context.settings.preamble),
        **plan_document(made),
        "runners": [str(runner) for runner in runners],
        "other_projects": others,
    })  # fmt: skip
    show_plan(context.output, label, made, len(context.settings.preamble))
    show_runners(context.output, runners)
    show_others(context, rows, others)
    return 0


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan as JSON: each statement whole."""
    limits = plan.timeouts
    return {
        "direction": plan.direction.value,
        "timeouts_seconds": {
            "lock": limits.lock,
            "lock_wait": limits.lock_wait,
            "statement": limits.statement,
        },
        "steps": [_step_document(step) for step in plan.steps],
    }


def _step_document(step: Step) -> dict[str, Any]:
    return {
        "version": step.migration.version,
        "name": step.migration.name,
        "atomic": step.atomic,
        "blocks": [_block_document(step, index, block) for index, block in enumerate(step.blocks)],
        "notes": [f"{note.path}:{note.line}: {note.text}" for note in step.notes],
    }


def _block_document(step: Step, index: int, block: Block) -> dict[str, Any]:
    return {
        "transactional": block.transactional,
        "reason": block.reason,
        "state": _block_state(step, index),
        "timeouts_seconds": {"lock": block.limits.lock, "statement": block.limits.statement} if block.limits else None,
        "statements": [
            {
                "file": statement.path,
                "line": statement.line,
                "sql": statement.sql,
                "copy_bytes": _copied(statement),
            }
            for statement in block.statements
        ],
    }


def _terminated(sql: str) -> str:
    # A comment at the end would take the semicolon in.
    return f"{sql}\n;" if "--" in sql.rpartition("\n")[2] else f"{sql};"


def _copied(statement: Statement) -> int | None:
    return None if statement.copy_data is None else len(statement.copy_data.encode())


def _block_state(step: Step, index: int) -> str:
    if index in step.done:
        return "done"
    return "in doubt" if index in step.in_doubt else "to run"


def show_plan(output: Output, label: str, plan: Plan, preamble: int) -> None:
    """A plan for a person: each statement whole, under the transaction that it runs in.

    Of the preamble only the number of its statements is told: they may hold secrets.
    """
    if not plan.steps:
        output.line(f"{output.paint(label, 'bold')}: nothing to do.")
        return
    output.line(output.paint(label, "bold"))
    output.line(f"  {output.paint(limits_text(plan.timeouts), 'dim')}")
    if preamble:
        text = f"before each step the preamble of your settings runs: {counted(preamble, 'statement')}"
        output.line(f"  {output.paint(text, 'dim')}")
    for step in plan.steps:
        _show_step(output, plan.direction, step)


def limits_text(limits: Timeouts) -> str:
    """The timeouts of a plan, in words."""
    statement = "the server's own" if limits.statement is None else f"{limits.statement:g} s"
    return f"lock_timeout {limits.lock:g} s, tried again for {limits.lock_wait:g} s · statement_timeout {statement}"


def _show_step(output: Output, direction: Direction, step: Step) -> None:
    arrow = "↑" if direction is Direction.UP else "↓"
    output.line()
    output.line(f"{arrow} {output.paint(step.migration.label, 'bold')}")
    for note in step.notes:
        output.line(f"  {output.paint(f'{note.path}:{note.line}: {note.text}', 'dim')}")
    if not step.blocks:
        output.line(f"  {output.paint('no statements: only the history is written', 'dim')}")
    for index, block in enumerate(step.blocks):
        _show_block(output, step, index, block)


def _show_block(output: Output, step: Step, index: int, block: Block) -> None:
    where = "in a transaction" if block.transactional else "outside a transaction, journalled before and after"
    if step.atomic:
        where = "in one transaction with the history"
    watched = "" if block.limits is None or block.limits.lock else "no lock_timeout: watched, and ended after lock_wait"
    known = {"done": "done by an earlier run", "in doubt": "looked up first"}.get(_block_state(step, index), "")
    parts = [part for part in (where, block.reason, watched, known) if part]
    output.line(f"  {output.paint('; '.join(parts), 'cyan')}")
    for statement in block.statements:
        place = output.paint(f"{statement.path}:{statement.line}", "dim")
        output.line(f"    {place}")
        output.line("\n".join(f"      {line}" if line else "" for line in _terminated(statement.sql).split("\n")))
        if statement.copy_data is not None:
            output.line(f"      {output.paint(f'{_copied(statement)} bytes of inline data', 'dim')}")
