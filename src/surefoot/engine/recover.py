"""What an earlier run left in the middle: found in the journal, looked up in the database, never guessed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from surefoot.engine.dialects.target import Judgement, Session, Target, Verdict
from surefoot.engine.events import Recovered
from surefoot.engine.history import Entry
from surefoot.engine.model import Block, Direction, Statement, Step
from surefoot.engine.run import Run
from surefoot.errors import Busy, ConnectionLost, Interrupted, OutcomeUnknown, Refused, SurefootError, Unreachable

_RESOLUTIONS = (
    "Look at the database, then say which it is: `surefoot repair --ran` (it took effect: go on after it) or "
    "`surefoot repair --not-ran` (it did not: run it again)."
)

_DID = {Direction.UP: "applied", Direction.DOWN: "rolled back"}


def block_checksum(block: Block) -> str:
    """What ties a journal row to the text that it speaks of."""
    text = "\0".join(f"{statement.sql}\0{statement.copy_data or ''}" for statement in block.statements)
    return hashlib.sha256(text.encode()).hexdigest()


def resume(step: Step, entries: Sequence[Entry]) -> Step:
    """The step with what the journal knows of it.

    Raises Interrupted where a block that ran, or may have run, reads otherwise by now.
    """
    for entry in entries:
        same = entry.block < len(step.blocks) and block_checksum(step.blocks[entry.block]) == entry.checksum
        if entry.state != "failed" and not same:
            raise _edited_meanwhile(step, entry)
    return replace(
        step,
        done=frozenset(entry.block for entry in entries if entry.state == "done"),
        in_doubt=frozenset(entry.block for entry in entries if entry.state == "started"),
    )


def _edited_meanwhile(step: Step, entry: Entry) -> Interrupted:
    return Interrupted(
        f"{step.migration.label} stopped half-way, and its text has changed since: block {entry.block + 1} "
        f"({entry.state}) was: {entry.statement}",
        hint="Restore the text up to and including that statement (what failed may be corrected), or give the "
        "half-applied step up with `surefoot repair --discard` after undoing it by hand.",
        version=entry.version,
        block=entry.block,
    )


def settle(run: Run, step: Step, entries: Sequence[Entry]) -> Step:
    """Look up what is in doubt, write the answers to the journal, and return the step that is left to do.

    Raises OutcomeUnknown where the database cannot tell.
    """
    done = set(step.done)
    for entry in entries:
        if entry.state == "started":
            # Names mean what they meant to the statement: its step may have set a search_path, or a role.
            replay(run.target, step, step.done)
            judgement = look_up(run, step, entry)
            run.target.clean()
            run.emit(Recovered, version=entry.version, finding=judgement.finding)
            if judgement.verdict is Verdict.DONE:
                run.history.mark_block(entry.block, "done")
                done.add(entry.block)
            else:
                run.history.forget_block(entry.block)
    return replace(step, done=frozenset(done), in_doubt=frozenset())


def look_up(run: Run, step: Step, entry: Entry) -> Judgement:
    """What became of a statement that was started: done or not. Raises OutcomeUnknown where nobody can tell."""
    statement = step.blocks[entry.block].statements[0]
    judgement = run.target.judge(statement, entry.before, mend=True)
    if judgement.verdict is Verdict.UNKNOWN:
        raise _unknown(step, statement, judgement.finding)
    return judgement


def _unknown(step: Step, statement: Statement, finding: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{statement.path}:{statement.line}: an earlier run of {step.migration.label} stopped while this statement "
        f"ran, and the database cannot tell whether it took effect ({finding}): {excerpt(statement)}",
        hint=_RESOLUTIONS,
        version=step.migration.version,
        file=statement.path,
        line=statement.line,
        statement=statement.sql[:2000],
    )


def excerpt(statement: Statement) -> str:
    """The beginning of a statement, on one line."""
    text = " ".join(statement.sql[:400].split())
    return text if len(text) <= 160 else f"{text[:159]}…"


def replay(target: Target, step: Step, done: Collection[int]) -> None:
    """Clean the session, and run again what the blocks `done` had set in it."""
    target.clean()
    for statement in _statements(step, done):
        if target.session_effect(statement) is Session.REPLAY:
            target.execute(statement)


def refuse_lost_session(target: Target, step: Step) -> None:
    """Raise Interrupted where a block that is done left something (a temporary table) that cannot be had back."""
    for statement in _statements(step, step.done):
        if target.session_effect(statement) is Session.LOST:
            raise _session_lost(step, statement)


def _statements(step: Step, blocks: Collection[int]) -> Iterator[Statement]:
    return (statement for index in sorted(blocks) for statement in step.blocks[index].statements)


def _session_lost(step: Step, statement: Statement) -> Interrupted:
    return Interrupted(
        f"{step.migration.label} stopped half-way, and what this statement had prepared went with its session: "
        f"{excerpt(statement)}",
        hint="Finish or undo the step by hand, then `surefoot repair --discard` (undone) or mark each statement; "
        "keep what must share a session in one transaction.",
        version=step.migration.version,
        file=statement.path,
        line=statement.line,
    )


def in_doubt(statement: Statement, error: SurefootError) -> OutcomeUnknown:
    """The error for a statement that was sent, and whose answer did not come."""
    place = f"{statement.path}:{statement.line}: "
    return OutcomeUnknown(
        f"{place}{error.message.removeprefix(place)} Whether this statement took effect is not known yet: "
        f"{excerpt(statement)}",
        hint="Run it again when the database answers: what happened is looked up there first.",
        file=statement.path,
        line=statement.line,
        statement=statement.sql[:2000],
    )


def look_up_commit(run: Run, step: Step, error: ConnectionLost) -> None:
    """The answer to a step's COMMIT was lost: connect again, and see in the history which it is.

    Returns where it took effect; the target is connected and locked again. Raises ConnectionLost where it did not, and
    OutcomeUnknown where the target is not to be had within `timeouts.runner` seconds.
    """
    label = step.migration.label
    try:
        _connect_again(run)
        committed = _is_recorded(run, step)
    except (Unreachable, Busy) as still:
        raise OutcomeUnknown(
            f"The connection was lost while {label} was being committed, and cannot be had back: {still.message}",
            hint="`surefoot status` says whether it is applied, as soon as the database answers.",
            version=step.migration.version,
        ) from error
    if not committed:
        what = (
            "nothing of it is applied" if step.atomic else "its blocks took effect, and the history does not say so yet"
        )
        raise ConnectionLost(
            f"The connection was lost while {label} was being committed. It was not: {what}.",
            hint="Run it again.",
            version=step.migration.version,
        ) from error
    run.emit(
        Recovered,
        version=step.migration.version,
        finding="the connection was lost during commit; the history shows that the commit took effect",
    )


def _connect_again(run: Run) -> None:
    """Open the session and take the lock again: then the old session, and its commit, are over."""
    give_up_at = time.monotonic() + run.target.timeouts.runner
    while True:
        try:
            run.target.open()
            break
        except Unreachable:
            if time.monotonic() > give_up_at:
                raise
            run.control.sleep(0.5)
    run.take_lock()
    run.reconnected = True


def refuse_overtaken(run: Run, step: Step) -> None:
    """Raise Refused where another run did this step, or began one, while the connection and its lock were lost."""
    journal = run.history.journal()
    if not journal and not _is_recorded(run, step):
        return
    what = f"begun {journal[0].version}" if journal else f"{_DID[step.direction]} {step.migration.label}"
    raise Refused(
        f"Another run has {what} while the connection was lost.",
        hint="Look at `surefoot status`, and run it again.",
        version=step.migration.version,
    )


def _is_recorded(run: Run, step: Step) -> bool:
    live = any(row.version == step.migration.version and row.rolled_back_at is None for row in run.history.read())
    return live is (step.direction is Direction.UP)
