"""`status`, `history`, `plan` and `verify`: look, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.output import Output, duration, moment
from surefoot.engine import api
from surefoot.engine.model import Applied, Block, Direction, Plan, Statement, Step, Timeouts
from surefoot.engine.prepare import State

_COLORS = {
    "applied": "green",
    "baseline": "green",
    "pending": "blue",
    "edited": "red",
    "missing": "red",
    "out of order": "yellow",
    "half-way": "red",
}
_TROUBLE = ("pending", "edited", "missing", "out of order", "half-way")


def status(context: Context) -> int:
    """Show each migration with its state."""
    with context.connected() as target:
        state = api.read_state(target, context.project)
        label = target.label
    rows = list(status_rows(state))
    context.output.document({"kind": "status", "target": label, "folder": state.folder.path,
                             "format": state.folder.format, "migrations": rows})  # fmt: skip
    _show_status(context.output, label, state, rows)
    trouble = any(row["state"] in _TROUBLE for row in rows)
    return 1 if context.flags.get("exit_code") and trouble else 0


def status_rows(state: State) -> Iterator[dict[str, Any]]:
    """A row a migration: version, name, state, and when and how long where it is applied."""
    live = {row.version: row for row in state.compared.live}
    edited = {row.version for row, _ in state.compared.edited}
    early = {migration.version for migration in state.compared.out_of_order}
    half = {entry.version for entry in state.journal}
    for row in state.compared.missing:
        yield _status_row(row.version, row.name, "missing", row)
    for migration in state.folder.migrations:
        version = migration.version
        applied = live.get(version)
        if version in half:
            word = "half-way"
        elif applied is None:
            word = "out of order" if version in early else "pending"
        else:
            word = "edited" if version in edited else "baseline" if applied.kind == "baseline" else "applied"
        yield _status_row(version, migration.name, word, applied)


def _status_row(version: str, name: str, word: str, applied: Applied | None) -> dict[str, Any]:
    return {
        "version": version,
        "name": name,
        "state": word,
        "applied_at": applied.applied_at.isoformat() if applied else None,
        "applied_by": applied.applied_by if applied else None,
        "duration_ms": applied.duration_ms if applied else None,
        "when": moment(applied.applied_at) if applied else "",
    }


def _show_status(output: Output, label: str, state: State, rows: list[dict[str, Any]]) -> None:
    output.line(f"{output.paint(label, 'bold')} {output.paint(f'· {state.folder.format}', 'dim')}")
    widest = max((len(f"{row['version']} {row['name']}") for row in rows), default=0)
    for row in rows:
        word = output.paint(f"{row['state']:<12}", _COLORS[row["state"]])
        title = f"{row['version']} {row['name']}"
        took = duration(row["duration_ms"]) if row["state"] in ("applied", "edited") else ""
        when = output.paint(f"{row['when']}  {took}".rstrip(), "dim")
        output.line(f"  {word} {title:<{widest}}  {when}".rstrip())
    output.line(summary(rows))


def summary(rows: list[dict[str, Any]]) -> str:
    """The counts of states, in words."""
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or "The folder has no migrations."


def history(context: Context) -> int:
    """Show every application of a migration, and its rollback."""
    with context.connected() as target:
        rows = api.read_state(target, context.project).rows
    context.output.document({"kind": "history", "entries": [_entry(row) for row in rows]})
    for row in rows:
        _show_entry(context.output, row)
    if not rows:
        context.output.line("Nothing has been applied here.")
    return 0


def _entry(row: Applied) -> dict[str, Any]:
    return {
        "version": row.version,
        "name": row.name,
        "kind": row.kind,
        "checksum": row.checksum,
        "applied_at": row.applied_at.isoformat(),
        "applied_by": row.applied_by,
        "duration_ms": row.duration_ms,
        "run_id": row.run_id,
        "rolled_back_at": row.rolled_back_at.isoformat() if row.rolled_back_at else None,
        "rolled_back_by": row.rolled_back_by,
    }


def _show_entry(output: Output, row: Applied) -> None:
    word = "baseline" if row.kind == "baseline" else "applied"
    took = "" if row.kind == "baseline" else f" in {duration(row.duration_ms)}"
    by = output.paint(f"by {row.applied_by}{took}", "dim")
    output.line(f"{moment(row.applied_at)}  {output.paint('↑', 'green')} {row.version} {row.name}  {word} {by}")
    if row.rolled_back_at:
        by = output.paint(f"by {row.rolled_back_by}", "dim")
        output.line(f"    {moment(row.rolled_back_at)}  {output.paint('↓', 'yellow')} rolled back {by}")


def plan(context: Context) -> int:
    """Show every statement that would run."""
    direction = Direction(context.flags.get("direction") or "up")
    with context.connected() as target:
        made = api.plan(target, context.project, direction, context.wish)
        label = target.label
    context.output.document({"kind": "plan", "target": label, **plan_document(made)})
    show_plan(context.output, label, made)
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


def _copied(statement: Statement) -> int | None:
    return None if statement.copy_data is None else len(statement.copy_data.encode())


def _block_state(step: Step, index: int) -> str:
    if index in step.done:
        return "done"
    return "in doubt" if index in step.in_doubt else "to run"


def show_plan(output: Output, label: str, plan: Plan) -> None:
    """A plan for a person: each statement whole, under the transaction that it runs in."""
    if not plan.steps:
        output.line(f"{output.paint(label, 'bold')}: nothing to do.")
        return
    output.line(f"{output.paint(label, 'bold')} {output.paint(limits_text(plan.timeouts), 'dim')}")
    for step in plan.steps:
        _show_step(output, plan.direction, step)


def limits_text(limits: Timeouts) -> str:
    """The timeouts of a plan, in words."""
    statement = "the server's own" if limits.statement is None else f"{limits.statement:g} s"
    return f"· lock_timeout {limits.lock:g} s, tried again for {limits.lock_wait:g} s · statement_timeout {statement}"


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
        output.line("\n".join(f"      {line}" for line in f"{statement.sql};".splitlines()))
        if statement.copy_data is not None:
            output.line(f"      {output.paint(f'{_copied(statement)} bytes of inline data', 'dim')}")


def verify(context: Context) -> int:
    """Check files, checksums, order and history; exits with 1 where something is wrong."""
    with context.connected() as target:
        state = api.read_state(target, context.project)
        for migration in state.folder.migrations:
            target.cut(migration.up)
            target.cut(migration.down or ())
    rows = [row for row in status_rows(state) if row["state"] in _TROUBLE and row["state"] != "pending"]
    count = len(state.folder.migrations)
    context.output.document({"kind": "verify", "migrations": count, "problems": rows})
    for row in rows:
        context.output.line(f"{context.output.paint('✗', 'red')} {row['version']} {row['name']} is {row['state']}")
    if not rows:
        context.output.line(f"{context.output.paint('✓', 'green')} {count} migrations: unchanged, present and in order")
    return 1 if rows else 0
