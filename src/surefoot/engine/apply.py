"""The executor: runs the steps of a plan, and nothing else, so that each can be found done or not done afterwards.

A step that is one transaction commits together with its history row. Any other is journalled block by block: a
transactional block commits with its journal row; a statement outside a transaction has its row written before it runs
and completed afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from surefoot.engine import recover
from surefoot.engine.attempt import Attempts
from surefoot.engine.dialects.target import Verdict
from surefoot.engine.events import (
    BlockRecorded,
    NoticeReceived,
    Paused,
    StatementFinished,
    StatementStarted,
    StepFinished,
    StepStarted,
)
from surefoot.engine.history import Entry
from surefoot.engine.model import Block, Direction, Plan, Statement, Step
from surefoot.engine.run import Run
from surefoot.engine.watch import Watch
from surefoot.errors import (
    Cancelled,
    ConnectionLost,
    HookRefused,
    LockTimeout,
    StatementFailed,
    SurefootError,
)


def apply_plan(run: Run, plan: Plan) -> None:
    """Run every step of the plan, in order; `run.steps_done` counts them. The caller holds the runner lock.

    Raises what stopped it. What was committed before stays; the step that stopped is rolled back, or journalled where
    it is not one transaction.
    """
    with Watch(run) as watch:
        executor = _Executor(run, watch)
        for position, step in enumerate(plan.steps, start=1):
            _wait_for_leave(run, step)
            executor.step(step, position, len(plan.steps))
            run.steps_done += 1


def _wait_for_leave(run: Run, step: Step) -> None:
    if run.control.paused:
        run.emit(Paused)
    run.control.wait_while_paused()
    refusal = run.options.before_step(step) if run.options.before_step else None
    if refusal is not None:
        raise HookRefused(
            f"{step.migration.label} was refused before it began: {refusal}",
            hint="Nothing of it ran.",
            version=step.migration.version,
        )


class _Executor:
    """Runs steps on the target of one run."""

    def __init__(self, run: Run, watch: Watch) -> None:
        self._run = run
        self._watch = watch
        self._target = run.target
        self._history = run.history
        self._attempts = Attempts(run, watch)
        self._started = 0.0
        self._total = 0
        self._sets_role = False

    def step(self, step: Step, position: int, total: int) -> None:
        if self._run.reconnected:
            recover.refuse_overtaken(self._run, step)
        migration = step.migration
        name, direction = migration.name, step.direction.value
        self._started = time.monotonic()
        emit = self._run.emit
        emit(
            StepStarted,
            version=migration.version,
            name=name,
            direction=direction,
            position=position,
            total=total,
        )
        # Counted once: a seed file has hundreds of thousands of statements.
        self._total = len(step.statements)
        self._watch.begin_step(self._total)
        self._sets_role = any(self._target.leaves_role_behind(statement) for statement in step.statements)
        for note in step.notes:
            emit(NoticeReceived, severity="NOTE", message=f"{note.path}:{note.line}: {note.text}")
        if step.atomic:
            self._attempts.until_free(step.migration.version, lambda: self._atomic(step))
        else:
            self._journalled(step)
        emit(
            StepFinished,
            version=migration.version,
            name=name,
            direction=direction,
            duration_ms=self._elapsed(),
        )

    def _elapsed(self) -> int:
        return round((time.monotonic() - self._started) * 1000)

    def _atomic(self, step: Step) -> None:
        self._target.begin(clean=True)
        for position, statement in enumerate(step.statements, start=1):
            self._run.control.checkpoint()
            self._statement(step, statement, position, self._target.execute)
        if self._sets_role:
            self._target.clean()
        self._record(step)
        self._run.control.checkpoint()
        self._commit(step)

    def _record(self, step: Step) -> None:
        if step.direction is Direction.UP:
            self._history.record_up(step.migration, self._run.run_id, self._elapsed())
        else:
            self._history.record_down(step.migration.version, self._run.run_id, self._elapsed())

    def _statement(self, step: Step, statement: Statement, position: int, execute: Callable[..., int | None]) -> None:
        version, total = step.migration.version, self._total
        self._run.emit(
            StatementStarted,
            version=version,
            position=position,
            total=total,
            path=statement.path,
            line=statement.line,
            sql=statement.sql,
            transactional=execute == self._target.execute,
        )
        started = time.monotonic()
        rows = self._attempts.watched(version, position, lambda: execute(statement, comment=self._run.comment))
        milliseconds = round((time.monotonic() - started) * 1000)
        self._run.emit(
            StatementFinished,
            version=version,
            position=position,
            total=total,
            duration_ms=milliseconds,
            rows=rows,
        )

    def _journalled(self, step: Step) -> None:
        recover.refuse_lost_session(self._target, step)
        recover.replay(self._target, step, step.done)
        position = 1
        for index, block in enumerate(step.blocks):
            if index not in step.done:
                self._block(step, index, position)
                self._run.emit(
                    BlockRecorded, version=step.migration.version, position=index + 1, total=len(step.blocks)
                )
            position += len(block.statements)
        self._attempts.until_free(step.migration.version, lambda: self._close(step))

    def _close(self, step: Step) -> None:
        self._target.begin(clean=True)
        self._record(step)
        self._history.forget_step()
        self._commit(step)

    def _block(self, step: Step, index: int, position: int) -> None:
        block = step.blocks[index]
        version = step.migration.version
        if not block.transactional:
            self._attempts.until_free(version, lambda: self._outside(step, index, position))
            return
        self._attempts.until_free(version, lambda: self._transaction(step, index, position))
        if self._sets_role:
            # By itself: what is committed must not run again only because a lock is not to be had here.
            self._attempts.until_free(version, lambda: recover.replay(self._target, step, range(index + 1)))

    def _transaction(self, step: Step, index: int, position: int) -> None:
        block = step.blocks[index]
        self._target.begin(clean=False)
        for offset, statement in enumerate(block.statements):
            self._run.control.checkpoint()
            self._statement(step, statement, position + offset, self._target.execute)
        if self._sets_role:
            self._target.clean()
        self._history.note_block(_entry(step, index, "done"), self._run.run_id)
        self._run.control.checkpoint()
        try:
            self._attempts.watched(step.migration.version, position + len(block.statements) - 1, self._target.commit)
        except ConnectionLost as error:
            raise recover.in_doubt(block.statements[-1], error) from error

    def _outside(self, step: Step, index: int, position: int) -> None:
        statement = step.blocks[index].statements[0]
        self._run.control.checkpoint()
        self._target.check_lock()
        before = self._target.look(statement)
        with self._as_ourselves(step, index):
            self._history.note_block(_entry(step, index, "started", before), self._run.run_id)
        try:
            self._statement(step, statement, position, self._target.execute_outside)
        except (StatementFailed, Cancelled, LockTimeout) as error:
            self._refused(step, index, before, error)
            raise
        except ConnectionLost as error:
            raise recover.in_doubt(statement, error) from error
        self._write_down(step, statement, index + 1, lambda: self._history.mark_block(index, "done"))

    def _write_down(self, step: Step, statement: Statement, upto: int, write: Callable[[], None]) -> None:
        """What became of a statement is known, and it must not run again only because the journal is busy."""

        def attempt() -> None:
            with self._as_ourselves(step, upto):
                write()

        try:
            self._attempts.until_free(step.migration.version, attempt)
        except LockTimeout as error:
            raise recover.in_doubt(statement, error) from error

    @contextmanager
    def _as_ourselves(self, step: Step, upto: int) -> Iterator[None]:
        """Reach Surefoot's tables although the step sets a role, which holds again afterwards."""
        if self._sets_role:
            self._target.clean()
        yield
        if self._sets_role:
            recover.replay(self._target, step, range(upto))

    def _refused(self, step: Step, index: int, before: str, error: SurefootError) -> None:
        """The server said no. Clear up after the attempt; what it may have left behind stays in doubt."""
        statement = step.blocks[index].statements[0]
        judgement = self._target.judge(statement, before, mend=True)
        state = "failed" if judgement.verdict is Verdict.NOT_DONE else "started"
        self._write_down(step, statement, index, lambda: self._write_refusal(index, state, error.message))
        if isinstance(error, LockTimeout) and judgement.verdict is not Verdict.NOT_DONE:
            # It may have committed part of its work before it ran into the lock: a retry would be a guess.
            raise recover.in_doubt(statement, self._attempts.given_up(error, 1)) from error

    def _write_refusal(self, index: int, state: str, message: str) -> None:
        if state == "failed" and index == 0:
            # Nothing of the step took effect: it is not half-way, and may be edited or taken away.
            self._history.forget_block(index)
        else:
            self._history.mark_block(index, state, message)

    def _commit(self, step: Step) -> None:
        try:
            self._attempts.watched(step.migration.version, self._total, self._target.commit)
        except ConnectionLost as error:
            recover.look_up_commit(self._run, step, error)


def _entry(step: Step, index: int, state: str, before: str = "") -> Entry:
    block: Block = step.blocks[index]
    return Entry(
        version=step.migration.version,
        direction=step.direction,
        block=index,
        checksum=recover.block_checksum(block),
        state=state,
        before=before,
        statement=recover.excerpt(block.statements[0]),
    )
